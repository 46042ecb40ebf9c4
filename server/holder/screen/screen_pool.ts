// The main thread's side of the screens: one worker holds them all, so that a flood delays nothing here.
import { AppError } from "../../errors.ts";
import type { Notice } from "./notices.ts";
import type { RestorePoint, ScreenSnapshot } from "./screen.ts";
import type { Answer, FromWorker, Keyframe, ScreenSize, ToWorker } from "./screen_messages.ts";

export interface ScreenEvents {
  /** An answer to the program's query, to be written to its terminal. */
  onReply(session: string, bytes: Uint8Array): void;
  onNotice(session: string, notice: Notice): void;
  onKeyframe(session: string, keyframe: Keyframe): void;
  /** The screen has dealt with the output up to this offset. */
  onParsed(session: string, offset: number): void;
  /** The screen failed: it shows nothing new and answers no query from now on. */
  onBroken?(session: string, message: string): void;
}

export interface ScreenPoolOptions {
  events: ScreenEvents;
  /** Bytes of output between two stored screens. */
  keyframeEveryBytes?: number;
  /** Lines kept above each screen. */
  scrollback?: number;
}

interface Request {
  session: string;
  resolve(value: Answer): void;
  reject(error: Error): void;
}

const DEFAULT_KEYFRAME_EVERY_BYTES = 1 << 20;
const DEFAULT_SCROLLBACK_LINES = 500;

export class ScreenPool {
  readonly #events: ScreenEvents;
  readonly #settings: ToWorker;
  /** Sessions with a screen, and whether it still works. */
  readonly #sessions = new Map<string, "working" | "broken">();
  readonly #requests = new Map<number, Request>();
  #lastRequest = 0;
  #worker: Worker | undefined;

  constructor(options: ScreenPoolOptions) {
    this.#events = options.events;
    this.#settings = {
      type: "configure",
      keyframeEveryBytes: options.keyframeEveryBytes ?? DEFAULT_KEYFRAME_EVERY_BYTES,
      scrollback: options.scrollback ?? DEFAULT_SCROLLBACK_LINES,
    };
  }

  /** Opens a blank screen, or goes on `from` a snapshot of the same size. Replaces a screen the session has. */
  open(session: string, size: ScreenSize, from?: RestorePoint): void {
    this.#sessions.set(session, "working");
    this.#worker ??= this.#start();
    const { cols, rows } = size;
    this.#post({ type: "open", session, size: { cols, rows }, from });
  }

  /** Takes the output that ends at `endOffset`; the bytes stay the caller's. */
  write(session: string, bytes: Uint8Array, endOffset: number): void {
    const state = this.#sessions.get(session);
    if (state === "broken") this.#events.onParsed(session, endOffset);
    if (state !== "working") return;
    const copy = bytes.slice();
    this.#post({ type: "write", session, bytes: copy, endOffset }, [copy.buffer]);
  }

  /** Changes the size behind everything written so far. */
  resize(session: string, cols: number, rows: number): void {
    this.#post({ type: "resize", session, size: { cols, rows } });
  }

  /**
   * The screen after everything written so far; while the screen is more than 1 MiB behind, as far as it is. Rejects
   * with `unavailable` when the session has no working screen.
   */
  async snapshot(session: string): Promise<ScreenSnapshot> {
    return await this.#ask(session, "snapshot") as ScreenSnapshot;
  }

  /** Plain lines of the screen. Rejects like `snapshot`. */
  async text(session: string): Promise<string[]> {
    return await this.#ask(session, "text") as string[];
  }

  /** Emits the last keyframes, then drops the screen. A screen that is broken or missing is only dropped. */
  async end(session: string): Promise<void> {
    try {
      if (this.#sessions.get(session) === "working") await this.#ask(session, "end");
    } finally {
      this.drop(session);
    }
  }

  drop(session: string): void {
    if (this.#sessions.delete(session)) this.#post({ type: "drop", session });
  }

  /** Ends the worker; what is asked and not answered rejects. */
  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#sessions.clear();
    this.#rejectAll(() => true, "The screens were closed");
  }

  #start(): Worker {
    const worker = new Worker(new URL("./screen_worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.#receive(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#crash(worker, event.message);
    };
    worker.onmessageerror = () => this.#crash(worker, "A message could not be read");
    worker.postMessage(this.#settings);
    return worker;
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker?.postMessage(message, transfer);
  }

  #ask(session: string, what: "snapshot" | "text" | "end"): Promise<Answer> {
    if (this.#sessions.get(session) !== "working") {
      return Promise.reject(new AppError("unavailable", "The session has no working screen"));
    }
    const request = ++this.#lastRequest;
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#requests.set(request, { session, resolve, reject });
    });
    this.#post({ type: "ask", session, request, what });
    return answer;
  }

  #receive(message: FromWorker): void {
    if ("session" in message && !this.#sessions.has(message.session)) return;
    switch (message.type) {
      case "reply":
        return this.#events.onReply(message.session, message.bytes);
      case "notice":
        return this.#events.onNotice(message.session, message.notice);
      case "keyframe":
        return this.#events.onKeyframe(message.session, message.keyframe);
      case "parsed":
        return this.#events.onParsed(message.session, message.offset);
      case "answer":
        return this.#take(message.request)?.resolve(message.value);
      case "failed":
        return this.#take(message.request)?.reject(new AppError("unavailable", message.message));
      case "broken":
        return this.#markBroken(message.session, message.message);
    }
  }

  #take(request: number): Request | undefined {
    const taken = this.#requests.get(request);
    this.#requests.delete(request);
    return taken;
  }

  #markBroken(session: string, message: string): void {
    if (this.#sessions.get(session) !== "working") return;
    this.#sessions.set(session, "broken");
    this.#rejectAll((request) => request.session === session, message);
    this.#events.onBroken?.(session, message);
  }

  /** The worker itself failed: its screens are lost, screens opened from now on get a new one. */
  #crash(worker: Worker, message: string): void {
    worker.terminate();
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const session of [...this.#sessions.keys()]) this.#markBroken(session, message);
  }

  #rejectAll(concerns: (request: Request) => boolean, message: string): void {
    for (const [id, request] of this.#requests) {
      if (!concerns(request)) continue;
      this.#requests.delete(id);
      request.reject(new AppError("unavailable", message));
    }
  }
}
