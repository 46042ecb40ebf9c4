// One end of a connection between server and holder: sends messages in order and hands received ones on.
import { concatenate } from "../concatenate.ts";
import { encodeMessage, MessageReader, type WireMessage } from "./wire.ts";

export interface StreamLinkOptions {
  connection: Deno.Conn;
  /** One call per message, in order. What it throws ends the link. */
  onMessage: (message: WireMessage) => void;
  /** Once, however the link ended. */
  onClose: (cause: unknown) => void;
}

const READ_BUFFER_BYTES = 256 * 1024;
/** What may wait for a reader that does not read; then it is given up. Streams have credit windows far below. */
const MAX_QUEUED_BYTES = 128 * 1024 * 1024;

export class StreamLink {
  readonly #options: StreamLinkOptions;
  #queue: Uint8Array<ArrayBuffer>[] = [];
  #queuedBytes = 0;
  #writing = false;
  #closed = false;

  constructor(options: StreamLinkOptions) {
    this.#options = options;
    this.#read().then(() => this.close(), (cause) => this.close(cause));
  }

  /** Queues a message; nothing happens on a closed link. */
  send(message: WireMessage): void {
    if (this.#closed) return;
    const data = encodeMessage(message);
    this.#queuedBytes += data.length;
    this.#queue.push(data);
    if (this.#queuedBytes > MAX_QUEUED_BYTES) this.close(new RangeError("The other end does not read"));
    else if (!this.#writing) this.#write().catch((cause) => this.close(cause));
  }

  close(cause?: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#options.connection.close();
    } catch (error) {
      // The other end may have closed it first.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    this.#options.onClose(cause);
  }

  /** Everything queued in one turn leaves in one write. */
  async #write(): Promise<void> {
    this.#writing = true;
    try {
      await Promise.resolve();
      while (this.#queue.length > 0 && !this.#closed) {
        const data = concatenate(this.#queue);
        this.#queue = [];
        this.#queuedBytes = 0;
        for (let at = 0; at < data.length;) at += await this.#options.connection.write(data.subarray(at));
      }
    } finally {
      this.#writing = false;
    }
  }

  async #read(): Promise<void> {
    const reader = new MessageReader();
    const buffer = new Uint8Array(READ_BUFFER_BYTES);
    for (;;) {
      const length = await this.#options.connection.read(buffer);
      if (length === null || this.#closed) return;
      for (const message of reader.push(buffer.subarray(0, length))) this.#options.onMessage(message);
    }
  }
}
