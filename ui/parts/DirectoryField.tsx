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
  const open = useSignal(false);
  const cursor = useSignal(-1);
  const listId = `${props.id}-list`;
  const items = open.value ? props.suggestions : [];
  const take = (path: string): void => {
    props.onInput(path.endsWith("/") ? path : `${path}/`);
    cursor.value = -1;
  };
  const onKey = (event: KeyboardEvent): void => {
    const count = items.length;
    const chosen = items[cursor.value] ?? (event.key === "Tab" && count === 1 ? items[0] : undefined);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      open.value = true;
      const by = event.key === "ArrowDown" ? 1 : -1;
      if (count > 0) {
        cursor.value = (cursor.value + by + (cursor.value < 0 && by < 0 ? 1 : 0) + count) % count;
      }
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen !== undefined && !event.ctrlKey) {
      if (chosen.path === props.value.replace(/\/$/, "")) return;
      event.preventDefault();
      take(chosen.path);
    } else if (event.key === "Escape" && open.value) {
      event.stopPropagation();
      open.value = false;
    }
  };
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
        aria-activedescendant={items[cursor.value] ? `${listId}-${cursor.value}` : undefined}
        aria-invalid={props.invalid}
        aria-describedby={props.describedBy}
        data-testid="launch-cwd"
        onInput={(event) => {
          open.value = true;
          cursor.value = -1;
          props.onInput(event.currentTarget.value);
        }}
        onKeyDown={onKey}
        onBlur={() => {
          open.value = false;
        }}
      />
      {items.length > 0 && (
        <ul class="combo-list" id={listId} role="listbox" aria-label="Directories">
          {items.map((item, index) => (
            <Suggestion
              key={item.path}
              id={`${listId}-${index}`}
              item={item}
              home={props.home}
              selected={index === cursor.value}
              onTake={() => take(item.path)}
            />
          ))}
        </ul>
      )}
    </div>
  );
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
