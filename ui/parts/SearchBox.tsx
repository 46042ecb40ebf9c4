// A field to search with; Escape empties it, and leaves it when it is empty.

import { Search, X } from "lucide";
import type { ComponentChildren, RefObject, VNode } from "preact";
import { IconButton } from "./Button.tsx";
import { Icon } from "./Icon.tsx";

export interface SearchBoxProps {
  label: string;
  placeholder?: string | undefined;
  value: string;
  testId: string;
  fieldRef?: RefObject<HTMLInputElement | null> | undefined;
  onSearch(text: string): void;
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
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (value === "") event.currentTarget.blur();
          onSearch("");
        }}
      />
      {value !== "" && <IconButton icon={X} label="Clear the search" onClick={() => onSearch("")} />}
      {props.children}
    </div>
  );
}
