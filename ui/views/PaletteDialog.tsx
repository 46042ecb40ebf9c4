// The command palette on screen: a field and a list, driven from the keyboard.

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Palette, PaletteEntry } from "../models/palette.ts";
import { Icon } from "../parts/Icon.tsx";

export function PaletteDialog({ palette }: { palette: Palette }): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const results = palette.results.value;
  const cursor = palette.cursor.value;
  useEffect(() => {
    dialog.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [cursor]);
  return (
    <dialog
      ref={dialog}
      class="palette"
      aria-label="Command palette"
      data-testid="palette"
      onClose={() => palette.close()}
      onClick={(event) => {
        if (event.target === dialog.current) palette.close();
      }}
    >
      <input
        class="palette-input"
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        placeholder="Sessions, places, actions"
        aria-label="Search sessions, places and actions"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={results[cursor] ? optionId(cursor) : undefined}
        value={palette.query.value}
        data-testid="palette-input"
        onInput={(event) => palette.search(event.currentTarget.value)}
        onKeyDown={(event) => onKey(event, palette)}
      />
      <ul id="palette-list" class="palette-list" role="listbox" aria-label="Results">
        {results.map((entry, index) => (
          <PaletteRow
            key={entry.id}
            entry={entry}
            index={index}
            selected={index === cursor}
            onChoose={() => palette.choose(entry)}
          />
        ))}
      </ul>
      {results.length === 0 && <p class="palette-empty" role="status">Nothing found</p>}
    </dialog>
  );
}

function onKey(event: KeyboardEvent, palette: Palette): void {
  const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (by !== 0) palette.move(by);
  else if (event.key === "Enter") palette.choose();
  else return;
  event.preventDefault();
}

function optionId(index: number): string {
  return `palette-option-${index}`;
}

interface PaletteRowProps {
  entry: PaletteEntry;
  index: number;
  selected: boolean;
  onChoose(): void;
}

function PaletteRow({ entry, index, selected, onChoose }: PaletteRowProps): VNode {
  return (
    <li id={optionId(index)} role="option" class="palette-row" aria-selected={selected} onClick={onChoose}>
      <Icon node={entry.icon} />
      <span class="palette-label">{entry.label}</span>
      {entry.hint && <span class="palette-hint">{entry.hint}</span>}
      <span class="palette-group">{entry.group}</span>
    </li>
  );
}
