// A running session on the page: its terminal view, its stream, and what the user types into it.

import type { StreamEvents, StreamSocket } from "./live_channel.ts";
import { LiveChannel } from "./live_channel.ts";
import { OrderedWriter } from "./ordered_writer.ts";
import { encodePaste, needsConfirmation } from "./paste.ts";
import type { HistoryApi } from "./earlier_lines.ts";
import { type GridSize, type TerminalLook, TerminalView } from "./terminal_view.ts";
import { AfterScreen } from "./after_screen.ts";

export interface LiveTerminalOptions {
  host: HTMLElement;
  socket: StreamSocket;
  history: HistoryApi;
  sessionId: string;
  newRequest(): number;
  look: TerminalLook;
  copyOnSelect(): boolean;
  events: StreamEvents & {
    onLink(target: string | undefined): void;
    onSearchResults(found: { index: number; count: number }): void;
    /** Several lines were pasted into a program that would run each at once. */
    onPasteQuestion(text: string): void;
    /** A shortcut of the page, which the terminal must not swallow. */
    isPageShortcut(event: KeyboardEvent): boolean;
    onCopied(worked: boolean): void;
    /** The user is at the very top while lines above are on their way. */
    onHistoryAwaited(isAwaited: boolean): void;
  };
}

const RESIZE_DEBOUNCE_MS = 50;
const ACK_DELAY_MS = 100;
/** Programs take a Return that comes right behind a paste for a part of it. */
const RETURN_AFTER_PASTE_MS = 50;

const FOCUS_REPORTS = new Set(["\x1b[I", "\x1b[O"]);

export class LiveTerminal {
  readonly view: TerminalView;
  readonly #options: LiveTerminalOptions;
  readonly #channel: LiveChannel;
  readonly #afterScreen: AfterScreen;
  readonly #encoder = new TextEncoder();
  readonly #resizes: ResizeObserver;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #ownsSize = false;
  #attached = false;
  #sentSize: GridSize | undefined;
  #resizeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LiveTerminalOptions) {
    this.#options = options;
    this.#channel = this.#openChannel();
    this.view = new TerminalView({
      host: options.host,
      look: options.look,
      readOnly: false,
      label: "Terminal",
      onLink: options.events.onLink,
      onSearchResults: options.events.onSearchResults,
    });
    this.#afterScreen = new AfterScreen({
      view: this.view,
      host: options.host,
      api: options.history,
      sessionId: options.sessionId,
      onAwaited: options.events.onHistoryAwaited,
    });
    this.#listenToUser();
    this.#resizes = new ResizeObserver(() => this.#planFit());
    this.#resizes.observe(options.host);
  }

  /** Offset up to which the session is shown. */
  get offset(): number {
    return this.#channel.parsed;
  }

  /** Makes this page's pane the size of the session. */
  takeOverSize(): void {
    const size = this.view.proposeSize();
    if (size === undefined) return;
    this.#sentSize = size;
    this.#channel.resize({ ...size, takeOver: true });
    this.view.focus();
  }

  setLook(look: TerminalLook): void {
    this.view.setLook(look);
    this.#fit();
  }

  /** Types a text as pasted, after any question was answered. */
  paste(text: string): void {
    this.#type(encodePaste(text, this.view.terminal.modes.bracketedPasteMode));
    this.view.terminal.scrollToBottom();
  }

  /** Sends a composed message: the text as pasted, then Return. */
  submit(text: string): void {
    if (text !== "") this.paste(text);
    this.#later(RETURN_AFTER_PASTE_MS, () => this.#type("\r"));
  }

  copySelection(): void {
    const text = this.view.terminal.getSelection();
    if (text === "") return;
    navigator.clipboard.writeText(text).then(
      () => this.#options.events.onCopied(true),
      () => this.#options.events.onCopied(false),
    );
  }

  dispose(): void {
    this.#resizes.disconnect();
    for (const timer of this.#timers) clearTimeout(timer);
    clearTimeout(this.#resizeTimer);
    this.#channel.close();
    this.#afterScreen.dispose();
    this.view.dispose();
  }

  #openChannel(): LiveChannel {
    const { socket, sessionId, newRequest, events } = this.#options;
    return new LiveChannel({
      socket,
      sessionId,
      newRequest,
      createWriter: (parsed) =>
        new OrderedWriter(this.view.terminal, {
          parsed,
          restored: (screen) => this.#afterScreen.follow(screen),
        }),
      delay: (callback) => this.#later(ACK_DELAY_MS, callback),
      events: {
        ...events,
        onAttached: () => {
          this.#attached = true;
          events.onAttached();
        },
        onSizeOwner: (owns) => {
          this.#ownsSize = owns;
          // Somebody else decides now: what was asked for before says nothing about the size there is.
          if (!owns) this.#sentSize = undefined;
          events.onSizeOwner(owns);
          this.#planFit();
        },
        onEnd: (offset) => {
          this.view.terminal.write(RESET_REPORTING_MODES);
          events.onEnd(offset);
        },
      },
    });
  }

  #listenToUser(): void {
    const { terminal } = this.view;
    const { host } = this.#options;
    terminal.onData((data) => {
      if (FOCUS_REPORTS.has(data) && !(this.#ownsSize && this.#attached)) return;
      this.#type(data);
    });
    terminal.onResize(() => this.#planFit());
    terminal.onBinary((data) => this.#channel.input(Uint8Array.from(data, (char) => char.charCodeAt(0))));
    terminal.attachCustomKeyEventHandler((event) => this.#onKey(event));
    host.addEventListener("paste", (event) => this.#onPaste(event), { capture: true });
    host.addEventListener("mouseup", () => {
      if (this.#options.copyOnSelect()) this.copySelection();
    });
  }

  /** Returns whether xterm handles the key itself. */
  #onKey(event: KeyboardEvent): boolean {
    if (this.#options.events.isPageShortcut(event)) return false;
    if (event.key === "Enter" && event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) {
      if (event.type === "keydown") this.#type(this.view.keyModes.shiftEnter);
      event.preventDefault();
      return false;
    }
    if (!event.shiftKey || !(event.ctrlKey || event.metaKey)) return true;
    if (event.code === "KeyV") return false;
    if (event.code !== "KeyC") return true;
    if (event.type === "keydown") this.copySelection();
    event.preventDefault();
    return false;
  }

  #onPaste(event: ClipboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (text === "") return;
    if (needsConfirmation(text, this.view.terminal.modes.bracketedPasteMode)) {
      return this.#options.events.onPasteQuestion(text);
    }
    this.paste(text);
  }

  #type(text: string): void {
    this.#channel.input(this.#encoder.encode(text));
  }

  #planFit(): void {
    clearTimeout(this.#resizeTimer);
    this.#resizeTimer = setTimeout(() => this.#fit(), RESIZE_DEBOUNCE_MS);
  }

  /** The owner's pane decides the size; everybody else fits the font to the size there is. */
  #fit(): void {
    if (!this.#ownsSize) return this.view.fitFont();
    const size = this.view.proposeSize();
    if (size === undefined) return;
    const { cols, rows } = this.#sentSize ?? this.view.terminal;
    if (size.cols === cols && size.rows === rows) return;
    this.#sentSize = size;
    this.#channel.resize(size);
  }

  #later(delayMs: number, callback: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, delayMs);
    this.#timers.add(timer);
  }
}

/** After the end nothing listens to pointer and focus reports: the pointer selects text again. */
const RESET_REPORTING_MODES = "\x1b[?9l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?25h";
