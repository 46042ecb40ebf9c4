// Hands an answer on as it comes, byte for byte, and watches what it costs meanwhile.
import { Buffer } from "node:buffer";
import type { AnswerEnd, MeteredCall } from "./metered_call.ts";
import { type SseEvent, SseFramer } from "./sse_framer.ts";

/** Decides after every event, and once a second, whether the answer may go on. */
export interface Cover {
  /** False: the answer has to end here. */
  allows(nowMs: number): boolean;
}

export interface RelayOptions {
  call: MeteredCall;
  /** The upstream's answer. */
  response: Response;
  /** Undefined where nothing is limited. */
  cover?: Cover;
  now: () => number;
  /** Called once, however the answer ends. */
  onEnd: (end: AnswerEnd) => void;
}

/** A longer answer in one piece is passed on without being counted. */
const MAX_WHOLE_BYTES = 32 * 1024 * 1024;

type Chunk = Uint8Array<ArrayBuffer>;

export class AnswerRelay {
  readonly #options: RelayOptions;
  readonly #reader: ReadableStreamDefaultReader<Chunk>;
  readonly #framer = new SseFramer();
  readonly #isEvents: boolean;
  readonly #isPacked: boolean;
  #whole: Uint8Array[] | undefined = [];
  #wholeBytes = 0;
  #hasEnded = false;
  #mustEnd = false;

  constructor(options: RelayOptions) {
    const { headers, body } = options.response;
    this.#options = options;
    this.#reader = (body ?? new Blob().stream()).getReader();
    this.#isEvents = (headers.get("content-type") ?? "").startsWith("text/event-stream");
    this.#isPacked = (headers.get("content-encoding") ?? "identity") !== "identity";
  }

  /** The answer for the client. Nothing is read from upstream before the client has taken what came before. */
  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      pull: (controller) => this.#pull(controller),
      cancel: () => this.#leave("client_left"),
    }, { highWaterMark: 0 });
  }

  /** Looks whether a silent answer is still covered. */
  async check(): Promise<void> {
    if (this.#hasEnded || this.#mustEnd || this.#isCovered()) return;
    this.#mustEnd = true;
    await this.#reader.cancel().catch(() => {}); // a broken connection is as good as one that was ended
  }

  /** Breaks off, when the program leaves. */
  async abort(): Promise<void> {
    await this.#leave("client_left");
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      for (let isEmpty = true; isEmpty && !this.#hasEnded;) {
        const { done, value } = await this.#reader.read();
        if (this.#mustEnd) return this.#endEarly(controller);
        if (done) return this.#finish(controller);
        const bytes = this.#take(value);
        if (bytes.length > 0) controller.enqueue(bytes);
        isEmpty = bytes.length === 0;
        if (this.#mustEnd) {
          await this.#reader.cancel();
          return this.#endEarly(controller);
        }
      }
    } catch (cause) {
      this.#end(this.#hasEnded ? "client_left" : "cut");
      controller.error(cause);
    }
  }

  /** What of a chunk can be handed on now: whole events, so that an answer can be ended behind one. */
  #take(chunk: Chunk): Uint8Array {
    if (this.#isPacked) this.#options.call.feedPacked(chunk.length, this.#options.now());
    else if (this.#isEvents) return this.#takeEvents(this.#framer.push(chunk));
    else this.#collect(chunk);
    if (!this.#isCovered()) this.#mustEnd = true;
    return chunk;
  }

  #takeEvents(events: readonly SseEvent[]): Uint8Array {
    let taken = 0;
    for (const event of events) {
      taken += 1;
      this.#options.call.feed(event, this.#options.now());
      if (this.#isCovered()) continue;
      this.#mustEnd = true;
      break;
    }
    // Those behind the end have been made and are paid for: they count, though nobody gets them.
    for (const event of events.slice(taken)) this.#options.call.feed(event, this.#options.now());
    const [only] = events;
    return taken === 1 && only !== undefined
      ? only.bytes
      : Buffer.concat(events.slice(0, taken).map(({ bytes }) => bytes));
  }

  #collect(chunk: Uint8Array): void {
    this.#wholeBytes += chunk.length;
    if (this.#wholeBytes > MAX_WHOLE_BYTES) this.#whole = undefined;
    this.#whole?.push(chunk);
  }

  #isCovered(): boolean {
    const { call, cover, now } = this.#options;
    return cover === undefined || call.reader.facts.output !== undefined || cover.allows(now());
  }

  #finish(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const rest = this.#framer.flush();
    if (rest !== undefined) {
      this.#options.call.feed(rest, this.#options.now());
      controller.enqueue(rest.bytes);
    }
    if (!this.#isEvents && !this.#isPacked) this.#readWhole();
    this.#end(this.#isPacked || this.#options.call.reader.facts.hasEnded ? "complete" : "cut");
    controller.close();
  }

  #readWhole(): void {
    if (this.#whole === undefined) return;
    this.#options.call.feedWhole(Buffer.concat(this.#whole), this.#options.now());
  }

  #endEarly(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const { call } = this.#options;
    const ending = call.reader.ending(call.countsSoFar);
    this.#end("ended_early");
    if (ending === undefined) {
      controller.error(new Error("The budget does not cover the rest of this answer"));
    } else {
      controller.enqueue(new TextEncoder().encode(ending));
      controller.close();
    }
  }

  async #leave(end: AnswerEnd): Promise<void> {
    this.#end(end);
    await this.#reader.cancel().catch(() => {}); // the connection may be gone already
  }

  #end(end: AnswerEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.onEnd(end);
  }
}
