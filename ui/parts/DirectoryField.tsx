// A path field that completes directories: arrow keys choose, Tab or Enter takes, typing goes on.

import { useSignal } from "@preact/signals";
import { Folder, FolderGit2 } from "lucide";
import type { VNode } from "preact";
import type { DirectorySuggestion } from "../../server/protocol.ts";
import { formatPath } from "../format.ts";
import { Icon } from "./Icon.tsx";

export interface DirectoryFieldProps {
  id: string;
  value: string;
  suggestions: readonly DirectorySuggestion[];
  home: string | undefined;
  invalid: boolean;
  describedBy: string;
  onInput(path: string): void;
}

export function DirectoryField(props: DirectoryFieldProps): VNode {
  const choice = useChoice(props);
  const { items, cursor } = choice;
  const listId = `${props.id}-list`;
  return (
    <div class="combo">
      <input
        id={props.id}
        class="input mono"
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        placeholder="/path/to/repository"
        value={props.value}
        aria-autocomplete="list"
        aria-expanded={items.length > 0}
        aria-controls={items.length > 0 ? listId : undefined}
        aria-activedescendant={items[cursor] ? `${listId}-${cursor}` : undefined}
        aria-invalid={props.invalid}
        aria-describedby={props.describedBy}
        data-testid="launch-cwd"
        onInput={(event) => choice.type(event.currentTarget.value)}
        onKeyDown={choice.onKey}
        onBlur={choice.close}
      />
      {items.length > 0 && (
        <ul class="combo-list" id={listId} role="listbox" aria-label="Directories">
          {items.map((item, index) => (
            <Suggestion
              key={item.path}
              id={`${listId}-${index}`}
              item={item}
              home={props.home}
              selected={index === cursor}
              onTake={() => choice.take(item.path)}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

interface Choice {
  /** What is offered now. */
  items: readonly DirectorySuggestion[];
  /** Which of them the arrow keys are at; -1 for none. */
  cursor: number;
  type(path: string): void;
  take(path: string): void;
  close(): void;
  onKey(event: KeyboardEvent): void;
}

function useChoice({ value, suggestions, onInput }: DirectoryFieldProps): Choice {
  const open = useSignal(false);
  const cursor = useSignal(-1);
  const items = open.value ? suggestions : [];
  const close = (): void => {
    open.value = false;
  };
  const take = (path: string): void => {
    onInput(path.endsWith("/") ? path : `${path}/`);
    cursor.value = -1;
  };
  const move = (by: 1 | -1): void => {
    const count = items.length;
    open.value = true;
    if (count > 0) cursor.value = (cursor.value + by + (cursor.value < 0 && by < 0 ? 1 : 0) + count) % count;
  };
  const onKey = (event: KeyboardEvent): void => {
    const { key } = event;
    const chosen = items[cursor.value] ?? (key === "Tab" && items.length === 1 ? items[0] : undefined);
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      move(key === "ArrowDown" ? 1 : -1);
    } else if ((key === "Enter" || key === "Tab") && chosen !== undefined && !event.ctrlKey) {
      if (chosen.path === value.replace(/\/$/, "")) return;
      event.preventDefault();
      take(chosen.path);
    } else if (key === "Escape" && open.value) {
      event.stopPropagation();
      close();
    }
  };
  const type = (path: string): void => {
    open.value = true;
    cursor.value = -1;
    onInput(path);
  };
  return { items, cursor: cursor.value, type, take, close, onKey };
}

interface SuggestionProps {
  id: string;
  item: DirectorySuggestion;
  home: string | undefined;
  selected: boolean;
  onTake(): void;
}

function Suggestion({ id, item, home, selected, onTake }: SuggestionProps): VNode {
  return (
    <li
      id={id}
      role="option"
      class="combo-option"
      aria-selected={selected}
      onMouseDown={(event) => {
        event.preventDefault();
        onTake();
      }}
    >
      <Icon node={item.isRepository ? FolderGit2 : Folder} />
      <span class="combo-path mono">{formatPath(item.path, home)}</span>
      {item.branch && <span class="muted">{item.branch}</span>}
    </li>
  );
}
