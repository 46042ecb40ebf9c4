// What a terminal on the page gets once a screen in it is painted: the lines above, and WebGL.

import { EarlierLines, type HistoryApi } from "./earlier_lines.ts";
import type { ScreenState } from "./ordered_writer.ts";
import { PointerHold } from "./pointer_hold.ts";
import { openHiddenTerminal, type TerminalView } from "./terminal_view.ts";

export interface AfterScreenOptions {
  view: TerminalView;
  host: HTMLElement;
  api: HistoryApi;
  sessionId: string;
  /** The user is at the very top while lines above are on their way. */
  onAwaited(isAwaited: boolean): void;
}

/** Left to the page for what a click makes it do, and to clicks that follow at once. */
const START_DELAY_MS = 50;

export class AfterScreen {
  readonly #options: AfterScreenOptions;
  readonly #lines: EarlierLines;
  readonly #pointer: PointerHold;
  #isLoading = false;

  constructor(options: AfterScreenOptions) {
    const { view, host, api, sessionId } = options;
    this.#options = options;
    this.#pointer = new PointerHold(host);
    this.#lines = new EarlierLines({
      terminal: view.terminal,
      api,
      sessionId,
      openHidden: openHiddenTerminal,
      afterPaint,
      released: () => this.#pointer.released(),
      onLoading: (isLoading) => {
        this.#isLoading = isLoading;
        this.#tellAwaited();
      },
      onAdded: () => view.renewSearch(),
    });
    view.terminal.onScroll(() => this.#tellAwaited());
  }

  /** The terminal was given a screen and shows nothing newer yet. */
  follow(screen: ScreenState): void {
    this.#lines.follow(screen);
    afterPaint(() => this.#options.view.useWebgl());
  }

  dispose(): void {
    this.#lines.stop();
    this.#pointer.dispose();
  }

  #tellAwaited(): void {
    const { viewportY, baseY } = this.#options.view.terminal.buffer.active;
    this.#options.onAwaited(this.#isLoading && viewportY === 0 && baseY > 0);
  }
}

function afterPaint(callback: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(callback, START_DELAY_MS);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
