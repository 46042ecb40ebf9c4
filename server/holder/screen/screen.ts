// One server-side terminal: parses a session's output, answers its queries, tells what happens, gives snapshots.
import "./unpooled_buffers.ts";
import graphemes from "@xterm/addon-unicode-graphemes";
import xterm from "@xterm/headless";
import type { Terminal } from "@xterm/headless";
import { concatenate } from "../../concatenate.ts";
import { ExtraModes } from "./extra_modes.ts";
import { guardLoops } from "./loop_guards.ts";
import { NoticeBatch } from "./notice_batch.ts";
import { cleanTitle, type Notice, type NoticeBody, switchesBuffer, watchNotices } from "./notices.ts";
import { DARK_THEME, Palette, type ScreenTheme } from "./palette.ts";
import { answerQueries } from "./queries.ts";
import { writeScreen } from "./screen_writer.ts";
import { SequenceTracker } from "./sequence_tracker.ts";
import { resizeTerminal } from "./terminal_resize.ts";
import { coreOf, parseNow, type XtermCore } from "./xterm_core.ts";

/** A screen at an offset of the output. A fresh terminal that reads `ansi`, then the output from there, is the same. */
export interface ScreenSnapshot {
  /** Bytes of output that it shows. Up to 1 MiB before the end, where the end could not be shown exactly. */
  offset: number;
  cols: number;
  rows: number;
  ansi: string;
  /** False if xterm was in a state that no sequences lead to; then it is the nearest there is. */
  exact: boolean;
}

export interface ScreenOptions {
  cols: number;
  rows: number;
  /** Lines kept above the screen. */
  scrollback?: number;
  theme?: ScreenTheme;
  /** Answers to the program's queries, to be written to its terminal. */
  onReply(bytes: Uint8Array): void;
  onNotice(notice: Notice): void;
}

/** Output to go on from; replies and notices for what lies before `quietUntil` were given already. */
export interface RestorePoint {
  offset: number;
  ansi: string;
  quietUntil?: number;
  lastScreen?: ScreenSnapshot | undefined;
}

const DEFAULT_SCROLLBACK_LINES = 500;

/** A sequence that does not end is held back up to here, then parsed as it comes. */
const MAX_HELD_BACK_BYTES = 1 << 20;
/** xterm decodes this much at once; a character must not be split between two pieces. */
const MAX_PIECE_BYTES = 1 << 16;
/** Answers to one write; a program that asks for more does not read them. */
const MAX_REPLY_BYTES = 16 * 1024;
/** Screens kept per write: switching buffers in a loop must not cost a snapshot each. */
const MAX_LAST_SCREENS = 4;
/** How far back a snapshot may be when the present state cannot be written exactly. */
const MAX_FALLBACK_BYTES = 1 << 20;

export class Screen {
  readonly #options: ScreenOptions;
  readonly #terminal: Terminal;
  readonly #core: XtermCore;
  readonly #palette: Palette;
  readonly #extraModes = new ExtraModes();
  readonly #tracker = new SequenceTracker();
  readonly #notices = new NoticeBatch();
  readonly #quietUntil: number;
  readonly #renewGuards: () => void;
  /** Bytes of output up to which everything was complete and parsed. */
  #offset: number;
  /** Bytes behind `#offset` that were parsed although they are not complete. */
  #ahead = 0;
  /** What comes behind that: the beginning of a sequence or character. */
  #heldBack: Uint8Array[] = [];
  #heldBackBytes = 0;
  /** The part of the output that is being parsed. */
  #segment = { start: 0, end: 0 };
  #reply = "";
  #lastScreen: ScreenSnapshot | undefined;
  #lastScreensLeft = MAX_LAST_SCREENS;
  /** Not older than the last change of size. */
  #lastExact: ScreenSnapshot | undefined;

  /** With `from` it goes on where a snapshot was taken; `cols` and `rows` must be those of the snapshot. */
  constructor(options: ScreenOptions, from: RestorePoint = { offset: 0, ansi: "" }) {
    const { cols, rows } = options;
    this.#options = options;
    this.#offset = from.offset;
    this.#quietUntil = Math.max(from.offset, from.quietUntil ?? 0);
    this.#lastScreen = from.lastScreen;
    this.#lastExact = { offset: from.offset, ansi: from.ansi, cols, rows, exact: true };
    this.#palette = new Palette(options.theme ?? DARK_THEME);
    this.#terminal = openTerminal(options);
    this.#core = coreOf(this.#terminal);
    this.#renewGuards = this.#register();
    const ansi = new TextEncoder().encode(from.ansi);
    this.#parse(ansi, { offset: -ansi.length, cuts: [] });
  }

  /** Bytes of output that the screen shows; behind them may be the beginning of a sequence. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes of output it was given. */
  get end(): number {
    return this.#offset + this.#ahead + this.#heldBackBytes;
  }

  /** The screen just before a program last left the alternate buffer. */
  get lastScreen(): ScreenSnapshot | undefined {
    return this.#lastScreen;
  }

  /** Parses output at once. Throws RangeError unless it follows what was written before. */
  write(bytes: Uint8Array, endOffset: number): void {
    if (endOffset - bytes.length !== this.end) {
      throw new RangeError(
        `Cannot write output from ${endOffset - bytes.length}: the screen is at ${this.end}`,
      );
    }
    this.#lastScreensLeft = MAX_LAST_SCREENS;
    this.#renewGuards();
    const { complete, cuts } = this.#tracker.scan(bytes);
    if (complete > 0) this.#takeComplete(bytes.subarray(0, complete), cuts);
    if (complete < bytes.length) this.#holdBack(bytes.slice(complete));
    this.#report();
  }

  /** Changes the size behind everything that was written. */
  resize(cols: number, rows: number): void {
    if (cols === this.#core.cols && rows === this.#core.rows) return;
    this.#lastExact = undefined;
    resizeTerminal(this.#terminal, this.#core, { cols, rows });
  }

  /** The screen as sequences, at the last offset where nothing was half done. */
  snapshot(): ScreenSnapshot {
    const snapshot = this.#snapshotAt(this.#offset);
    if (snapshot.exact) this.#lastExact = snapshot;
    const last = this.#lastExact;
    return last !== undefined && snapshot.offset - last.offset <= MAX_FALLBACK_BYTES ? last : snapshot;
  }

  /** Plain lines of the screen, without trailing blanks. */
  text(): string[] {
    const { active } = this.#core.buffers;
    return Array.from(
      { length: this.#core.rows },
      (_, row) => active.lines.get(active.ybase + row).translateToString(true),
    );
  }

  dispose(): void {
    this.#terminal.dispose();
  }

  /** Answers what is to be called before each write. */
  #register(): () => void {
    const { parser } = this.#terminal;
    const renewGuards = guardLoops(this.#terminal, this.#core);
    this.#extraModes.follow(this.#terminal);
    watchNotices(this.#terminal, (notice) => this.#notice(notice));
    answerQueries(this.#terminal, {
      core: this.#core,
      palette: this.#palette,
      reply: (text) => this.#answer(text),
    });
    parser.registerCsiHandler({ prefix: "?", final: "l" }, (params) => {
      if (switchesBuffer(params)) this.#keepLastScreen();
      return false;
    });
    return renewGuards;
  }

  #takeComplete(bytes: Uint8Array, cuts: number[]): void {
    const before = this.#heldBackBytes;
    const ready = before === 0 ? bytes : concatenate([...this.#heldBack, bytes]);
    const offset = this.#offset + this.#ahead;
    this.#heldBack = [];
    this.#heldBackBytes = 0;
    this.#ahead = 0;
    this.#parse(ready, { offset, cuts: before === 0 ? cuts : cuts.map((cut) => cut + before) });
    this.#offset = offset + ready.length;
  }

  #holdBack(bytes: Uint8Array): void {
    this.#heldBack.push(bytes);
    this.#heldBackBytes += bytes.length;
    if (this.#heldBackBytes <= MAX_HELD_BACK_BYTES) return;
    const all = concatenate(this.#heldBack);
    const whole = all.length - this.#tracker.partialBytes;
    this.#parse(all.subarray(0, whole), { offset: this.#offset + this.#ahead, cuts: [] });
    this.#ahead += whole;
    this.#heldBack = whole < all.length ? [all.subarray(whole)] : [];
    this.#heldBackBytes = all.length - whole;
  }

  #parse(bytes: Uint8Array, { offset, cuts }: { offset: number; cuts: number[] }): void {
    let start = 0;
    for (const cut of [...cuts, bytes.length]) {
      if (cut <= start) continue;
      this.#segment = { start: offset + start, end: offset + cut };
      while (start < cut) {
        const end = pieceEnd(bytes, start, cut);
        parseNow(this.#core, bytes.subarray(start, end));
        start = end;
      }
    }
  }

  #snapshotAt(offset: number): ScreenSnapshot {
    const title = cleanTitle(this.#core._inputHandler._windowTitle);
    const extra = this.#palette.sequences() + this.#extraModes.sequences() +
      (title === "" ? "" : `\x1b]2;${title}\x1b\\`);
    const { cols, rows } = this.#core;
    return { offset, cols, rows, ...writeScreen(this.#core, extra) };
  }

  /** The handler runs before the terminal switches, in the segment that begins with the sequence. */
  #keepLastScreen(): void {
    const { active, alt } = this.#core.buffers;
    if (active !== alt || this.#lastScreensLeft === 0 || this.#isQuiet) return;
    this.#lastScreensLeft--;
    this.#lastScreen = this.#snapshotAt(this.#segment.start);
  }

  get #isQuiet(): boolean {
    return this.#segment.end <= this.#quietUntil;
  }

  #notice(body: NoticeBody): void {
    if (!this.#isQuiet) this.#notices.add({ ...body, offset: this.#segment.end });
  }

  #answer(text: string): void {
    if (!this.#isQuiet && this.#reply.length + text.length <= MAX_REPLY_BYTES) this.#reply += text;
  }

  #report(): void {
    const reply = this.#reply;
    this.#reply = "";
    if (reply !== "") this.#options.onReply(new TextEncoder().encode(reply));
    for (const notice of this.#notices.take()) this.#options.onNotice(notice);
  }
}

function openTerminal({ cols, rows, scrollback }: ScreenOptions): Terminal {
  const terminal = new xterm.Terminal({
    cols,
    rows,
    scrollback: scrollback ?? DEFAULT_SCROLLBACK_LINES,
    allowProposedApi: true,
    logLevel: "off",
    windowOptions: {},
  });
  terminal.loadAddon(new graphemes.UnicodeGraphemesAddon());
  return terminal;
}

/** The end of a piece that is small enough and does not split a character. */
function pieceEnd(bytes: Uint8Array, start: number, limit: number): number {
  if (limit - start <= MAX_PIECE_BYTES) return limit;
  const most = start + MAX_PIECE_BYTES;
  for (let end = most; end > most - 4; end--) if (((bytes[end] ?? 0) & 0xc0) !== 0x80) return end;
  return most;
}
