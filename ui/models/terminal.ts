// State of one session's terminal tab: live or replay, search, size ownership, pending paste, composer.

import { computed, createModel, effect, signal } from "@preact/signals";
import type { StartTimer } from "../socket.ts";
import type { StreamEvents } from "../terminal/live_channel.ts";
import type { GridSize } from "../terminal/terminal_view.ts";

/** The terminal on screen, live or replayed. */
export interface ShownTerminal {
  focus(): void;
  /** Everything in its buffer. */
  text(): string;
  /** The lines in view. */
  viewText(): string;
  findNext(term: string, options?: { incremental?: boolean }): void;
  findPrevious(term: string): void;
  clearSearch(): void;
}

/** What only a live terminal can do. */
export interface TypingTerminal {
  paste(text: string): void;
  submit(text: string): void;
  takeOverSize(): void;
}

export interface TerminalOptions {
  /** Tells the tests and the rest of the page which terminal is on screen. */
  onShown(terminal: ShownTerminal | undefined): void;
  startTimer: StartTimer;
}

export type AttachState = "attaching" | "attached" | "ended" | { error: string };

/** How long it is said that output was skipped, after the last time. */
const SKIPPED_NOTICE_MS = 8000;

export const TerminalModel = createModel((options: TerminalOptions) => {
  const mode = signal<"live" | "replay">("live");
  const attach = signal<AttachState>("attaching");
  const size = signal<GridSize | undefined>(undefined);
  const ownsSize = signal(true);
  const link = signal<string | undefined>(undefined);
  const pendingPaste = signal<string | undefined>(undefined);
  const skippedBytes = signal(0);
  /** Of these, what nobody has. */
  const missingBytes = signal(0);
  const search = signal<{ term: string; index: number; count: number } | undefined>(undefined);
  const composerOpen = signal(false);
  /** The user looks for lines that are on their way. */
  const historyAwaited = signal(false);
  const live = signal<(ShownTerminal & TypingTerminal) | undefined>(undefined);
  const replay = signal<ShownTerminal | undefined>(undefined);
  const shown = computed(() => mode.value === "live" ? live.value : replay.value);

  effect(() => options.onShown(shown.value));
  effect(() => () => options.onShown(undefined));
  effect(() => {
    if (skippedBytes.value === 0) return;
    return options.startTimer(SKIPPED_NOTICE_MS, () => {
      skippedBytes.value = 0;
      missingBytes.value = 0;
    });
  });

  const stream: StreamEvents = {
    onAttached: () => {
      attach.value = "attached";
    },
    onSize: (next) => {
      size.value = next;
    },
    onSizeOwner: (owns) => {
      ownsSize.value = owns;
    },
    onSkipped: (bytes, missing = 0) => {
      skippedBytes.value += bytes;
      missingBytes.value += missing;
    },
    onEnd: () => {
      attach.value = "ended";
    },
    onError: (error) => {
      attach.value = { error };
    },
  };

  return {
    mode,
    attach,
    size,
    ownsSize,
    link,
    pendingPaste,
    skippedBytes,
    missingBytes,
    search,
    composerOpen,
    historyAwaited,
    live,
    replay,
    shown,
    stream,
    openSearch(): void {
      search.value ??= { term: "", index: -1, count: 0 };
    },
    closeSearch(): void {
      search.value = undefined;
      shown.value?.clearSearch();
      shown.value?.focus();
    },
    searchFor(term: string): void {
      search.value = { term, index: -1, count: 0 };
      if (term === "") shown.value?.clearSearch();
      else shown.value?.findNext(term, { incremental: true });
    },
    searchNext(direction: 1 | -1): void {
      const term = search.value?.term ?? "";
      if (term === "") return;
      if (direction > 0) shown.value?.findNext(term);
      else shown.value?.findPrevious(term);
    },
    onSearchResults(found: { index: number; count: number }): void {
      if (search.value !== undefined) search.value = { term: search.value.term, ...found };
    },
    onHistoryAwaited(isAwaited: boolean): void {
      historyAwaited.value = isAwaited;
    },
    /** Answers the question about a paste of several lines. */
    answerPaste(go: boolean): void {
      const text = pendingPaste.value;
      pendingPaste.value = undefined;
      if (go && text !== undefined) live.value?.paste(text);
      live.value?.focus();
    },
  };
});

export type TerminalState = InstanceType<typeof TerminalModel>;
