// One running program: its terminal's bytes go to the recording, the screen and whoever is attached.
import type { RecordingEnd } from "../store/recordings.ts";
import type { RunningSession, ScreenSnapshot, SpawnCall, WriteResult } from "./api.ts";
import type { StreamSource, TerminalResize } from "./output_stream.ts";
import type { Recording } from "./recorder.ts";
import { ScreenFeed } from "./screen_feed.ts";
import { TailBuffer } from "./tail_buffer.ts";

/** A program in a pseudo-terminal, as the PTY room offers it. */
export interface Terminal {
  readonly pid: number;
  /** Its name may belong to another session from then on. */
  readonly closed: boolean;
  /** Line input without echo: a password prompt. */
  readonly hidesInput: boolean;
  write(bytes: Uint8Array): boolean;
  resize(cols: number, rows: number): void;
  kill(signal: Deno.Signal): void;
  /** No more output is taken until `resume`; the program waits once the system's buffer is full. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** Server-side screens, as the screen room offers them. */
export interface Screens {
  open(session: string, size: { cols: number; rows: number }): void;
  write(session: string, bytes: Uint8Array, endOffset: number): void;
  resize(session: string, cols: number, rows: number): void;
  snapshot(session: string): Promise<ScreenSnapshot>;
  text(session: string): Promise<string[]>;
  end(session: string): Promise<void>;
  close(): void;
}

export interface LiveSessionOptions {
  call: SpawnCall;
  recording: Recording;
  screens: Screens;
}

export class LiveSession implements StreamSource {
  readonly id: string;
  readonly recording: Recording;
  readonly initialSize: { cols: number; rows: number };
  readonly #screens: Screens;
  readonly #feed: ScreenFeed;
  readonly #tail = new TailBuffer();
  readonly #resizes: TerminalResize[] = [];
  #terminal: Terminal | undefined;
  #ended = false;
  #report: Pick<RunningSession, "activity" | "question"> = {};
  /** Its processes are stopped. */
  paused = false;
  /** Pause it when no server has been there for a while. */
  pauseUnsupervised: boolean;

  constructor({ call, recording, screens }: LiveSessionOptions) {
    this.id = call.session;
    this.recording = recording;
    this.pauseUnsupervised = call.pauseUnsupervised ?? false;
    this.initialSize = { cols: call.cols, rows: call.rows };
    this.#screens = screens;
    screens.open(call.session, this.initialSize);
    this.#feed = new ScreenFeed({
      session: call.session,
      screens,
      read: (from, maxBytes) => this.read(from, maxBytes),
      setHeldUp: (heldUp) => heldUp ? this.#terminal?.pause() : this.#terminal?.resume(),
    });
  }

  /** Output may come before the caller of spawn knows its terminal. */
  adopt(terminal: Terminal): void {
    this.#terminal = terminal;
  }

  get end(): number {
    return this.recording.end;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get resizes(): readonly TerminalResize[] {
    return this.#resizes;
  }

  /** Takes output of the program. */
  receive(bytes: Uint8Array): void {
    this.#tail.push(this.end, bytes);
    this.recording.append(bytes);
    this.#feed.offer(bytes, this.end);
  }

  /** Resolves once the screen was given all output. */
  screenFed(): Promise<void> {
    return this.#feed.whenFed();
  }

  /** The screen has dealt with the output up to `offset`. */
  screenParsed(offset: number): void {
    this.#feed.parsed(offset);
  }

  read(from: number, maxBytes: number): Uint8Array {
    return this.#tail.read(from, maxBytes) ?? this.recording.read(from, maxBytes);
  }

  snapshot(): Promise<ScreenSnapshot> {
    return this.#screens.snapshot(this.id);
  }

  text(): Promise<string[]> {
    return this.#screens.text(this.id);
  }

  gapAt(offset: number): { from: number; to: number } | undefined {
    return this.recording.gapAt(offset);
  }

  keyframe(offset: number): ScreenSnapshot | undefined {
    return this.recording.getKeyframe(offset);
  }

  write(bytes: Uint8Array): WriteResult {
    return {
      hidden: this.#terminal?.hidesInput ?? false,
      accepted: this.#terminal?.write(bytes) ?? false,
      offset: this.end,
    };
  }

  /** Answers of the server-side screen to the program's queries. */
  reply(bytes: Uint8Array): void {
    this.#terminal?.write(bytes);
  }

  /** Does nothing when the size is already that. */
  resize(cols: number, rows: number): void {
    const size = this.#resizes.at(-1) ?? this.initialSize;
    if (size.cols === cols && size.rows === rows) return;
    this.#resizes.push({ offset: this.end, cols, rows });
    this.recording.resize(cols, rows);
    this.#feed.resize(cols, rows);
    this.#terminal?.resize(cols, rows);
  }

  kill(signal: Deno.Signal): void {
    this.#terminal?.kill(signal);
  }

  /** The program is gone and all its output was received. */
  finish(end: RecordingEnd): void {
    this.#ended = true;
    this.recording.finish(end);
    this.#terminal?.close();
  }

  /** What the program says it is doing. */
  noteReport(report: Pick<RunningSession, "activity" | "question">): void {
    this.#report = report;
  }

  describe(): RunningSession {
    const { cols, rows } = this.#resizes.at(-1) ?? this.initialSize;
    return {
      session: this.id,
      pid: this.#terminal?.pid ?? 0,
      startedAtMs: this.recording.startedAtMs,
      offset: this.end,
      cols,
      rows,
      paused: this.paused,
      pauseUnsupervised: this.pauseUnsupervised,
      ...this.#report,
    };
  }
}
