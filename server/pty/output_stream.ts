// A terminal's output as a stream: the terminal is paused while the reader is behind.

const MAX_BUFFERED_BYTES = 256 * 1024;

interface Pausable {
  pause(): void;
  resume(): void;
}

export class OutputStream {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #source: Pausable;
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;

  constructor(source: Pausable) {
    this.#source = source;
    this.readable = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => source.resume(),
      cancel: () => {
        this.#controller = undefined;
        source.resume();
      },
    }, { highWaterMark: MAX_BUFFERED_BYTES, size: (chunk) => chunk?.length ?? 0 });
  }

  push(bytes: Uint8Array<ArrayBuffer>): void {
    this.#controller?.enqueue(bytes);
    if ((this.#controller?.desiredSize ?? 1) <= 0) this.#source.pause();
  }

  /** No more output comes. */
  end(): void {
    this.#controller?.close();
    this.#controller = undefined;
  }
}
