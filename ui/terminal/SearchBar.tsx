// Search in a terminal's lines: Enter finds the next, Shift+Enter the one before.

import { ArrowDown, ArrowUp, X } from "lucide";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { TerminalState } from "../models/terminal.ts";
import { IconButton } from "../parts/Button.tsx";

export function SearchBar({ state }: { state: TerminalState }): VNode | null {
  const field = useRef<HTMLInputElement>(null);
  const search = state.search.value;
  const isOpen = search !== undefined;
  useEffect(() => {
    if (isOpen) field.current?.focus();
  }, [isOpen]);
  if (search === undefined) return null;
  return (
    <search class="terminal-search">
      <input
        ref={field}
        class="input"
        type="text"
        placeholder="Find in terminal"
        aria-label="Find in terminal"
        value={search.term}
        data-testid="terminal-search"
        onInput={(event) => state.searchFor(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") state.searchNext(event.shiftKey ? -1 : 1);
          if (event.key === "Escape") state.closeSearch();
        }}
      />
      <span class="number muted" role="status" data-testid="search-results">{resultText(search)}</span>
      <IconButton icon={ArrowUp} label="Previous match" onClick={() => state.searchNext(-1)} />
      <IconButton icon={ArrowDown} label="Next match" onClick={() => state.searchNext(1)} />
      <IconButton icon={X} label="Close the search" onClick={() => state.closeSearch()} />
    </search>
  );
}

function resultText(search: { term: string; index: number; count: number }): string {
  if (search.term === "") return "";
  if (search.count === 0) return "none";
  return search.index < 0 ? `${search.count}+` : `${search.index + 1} of ${search.count}`;
}
