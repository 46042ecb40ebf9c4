// A field to search with; Escape empties it, and leaves it when it is empty. Enter and the arrow down go to what is found.

import { Search, X } from "lucide";
import type { ComponentChildren, RefObject, TargetedKeyboardEvent, VNode } from "preact";
import { IconButton } from "./Button.tsx";
import { Icon } from "./Icon.tsx";

export interface SearchBoxProps {
  label: string;
  placeholder?: string | undefined;
  value: string;
  testId: string;
  fieldRef?: RefObject<HTMLInputElement | null> | undefined;
  onSearch(text: string): void;
  /** Enter: open what was found first. */
  onEnter?: (() => void) | undefined;
  /** The arrow down: move the focus into what was found. */
  onLeaveDown?: (() => void) | undefined;
  /** More buttons at its end. */
  children?: ComponentChildren;
}

export function SearchBox(props: SearchBoxProps): VNode {
  const { label, value, onSearch } = props;
  return (
    <div class="search-box">
      <Icon node={Search} />
      <input
        ref={props.fieldRef ?? null}
        class="search-input"
        type="search"
        placeholder={props.placeholder ?? label}
        aria-label={label}
        value={value}
        data-testid={props.testId}
        onInput={(event) => onSearch(event.currentTarget.value)}
        onKeyDown={(event) => onSearchKey(event, props)}
      />
      {value !== "" && <IconButton icon={X} label="Clear the search" onClick={() => onSearch("")} />}
      {props.children}
    </div>
  );
}

function onSearchKey(
  event: TargetedKeyboardEvent<HTMLInputElement>,
  { value, onSearch, onEnter, onLeaveDown }: SearchBoxProps,
): void {
  // Enter and the arrows belong to whoever composes a character.
  if (event.isComposing) return;
  if (event.key === "Escape") {
    if (value === "") event.currentTarget.blur();
    onSearch("");
  }
  if (event.key === "Enter") onEnter?.();
  if (event.key === "ArrowDown" && onLeaveDown !== undefined) {
    event.preventDefault();
    onLeaveDown();
  }
}
