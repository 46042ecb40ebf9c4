// One session's live terminal stream: subscribes, keeps order, acknowledges, resumes after a reconnect.

import {
  ACK_EVERY_BYTES,
  decodeSnapshot,
  FRAME,
  type Frame,
  type ServerMessage,
} from "../../server/protocol.ts";
import type { ClientMessage } from "../../server/protocol.ts";
import type { OrderedWriter, ScreenState } from "./ordered_writer.ts";

/** The parts of `FleetSocket` that are used. */
export interface StreamSocket {
  send(message: ClientMessage): boolean;
  sendInput(channel: number, bytes: Uint8Array): boolean;
  onMessage(listener: (message: ServerMessage) => void): () => void;
  onFrame(listener: (frame: Frame) => void): () => void;
}

/** What happens on the stream, as the page shows it. */
export interface StreamEvents {
  /** The first screen was parsed: from here on the terminal is up to date. */
  onAttached(): void;
  onSize(size: { cols: number; rows: number }): void;
  onSizeOwner(owns: boolean): void;
  /** `missingBytes` of them are not in the recording either. */
  onSkipped(bytes: number, missingBytes?: number): void;
  onEnd(offset: number): void;
  onError(message: string): void;
}

export interface LiveChannelOptions {
  socket: StreamSocket;
  sessionId: string;
  /** Requests are unique within one connection. */
  newRequest(): number;
  createWriter(onParsed: (offset: number) => void): OrderedWriter;
  events: StreamEvents;
  /** Runs a callback a little later; acknowledgements of small output are put together. */
  delay(callback: () => void): void;
}

export class LiveChannel {
  readonly #options: LiveChannelOptions;
  #writerThere: OrderedWriter | undefined;
  readonly #unlistenFrames: () => void;
  readonly #unlistenMessages: () => void;
  #request: number | undefined;
  #channel: number | undefined;
  #awaitsScreen = true;
  #attached = false;
  /** Offset after the last byte given to the terminal; undefined before the first screen. */
  #received: number | undefined;
  #parsed = 0;
  #acknowledged = 0;
  #ackPlanned = false;
  #ended = false;
  #closed = false;

  constructor(options: LiveChannelOptions) {
    this.#options = options;
    this.#unlistenMessages = options.socket.onMessage((message) => this.#onMessage(message));
    this.#unlistenFrames = options.socket.onFrame((frame) => this.#onFrame(frame));
    this.#subscribe();
  }

  /** Offset up to which the terminal shows the session. */
  get parsed(): number {
    return this.#parsed;
  }

  /** Types into the session; false when it cannot be sent now. */
  input(bytes: Uint8Array): boolean {
    if (this.#channel === undefined || this.#ended) return false;
    return this.#options.socket.sendInput(this.#channel, bytes);
  }

  resize(size: { cols: number; rows: number; takeOver?: boolean }): void {
    if (this.#channel === undefined || this.#ended) return;
    this.#options.socket.send({ type: "resize", channel: this.#channel, ...size });
  }

  /** Ends the stream; one that was asked for and is not there yet ends when it is. */
  close(): void {
    this.#closed = true;
    this.#unlistenFrames();
    this.#writerThere?.close();
    if (this.#channel !== undefined) this.#unsubscribe(this.#channel);
  }

  #unsubscribe(channel: number): void {
    this.#unlistenMessages();
    this.#options.socket.send({ type: "unsubscribe", channel });
  }

  /** Made when there is something to write: the question is on its way while the page builds the terminal. */
  get #writer(): OrderedWriter {
    return this.#writerThere ??= this.#options.createWriter((offset) => this.#onParsed(offset));
  }

  #subscribe(): void {
    this.#channel = undefined;
    this.#request = this.#options.newRequest();
    const from = this.#received === undefined ? {} : { from: this.#received };
    this.#options.socket.send({
      type: "subscribe",
      request: this.#request,
      sessionId: this.#options.sessionId,
      ...from,
    });
  }

  #onMessage(message: ServerMessage): void {
    if (this.#closed) return this.#onLateMessage(message);
    if (message.type === "ready") return this.#subscribe();
    if (message.type === "subscribed" && message.request === this.#request) {
      return this.#onSubscribed(message);
    }
    if (message.type === "error" && message.request === this.#request) {
      return this.#options.events.onError(message.error.message);
    }
    if ("channel" in message && message.channel === this.#channel) this.#onChannelMessage(message);
  }

  /** The answer to the question that was under way when this was closed, or the news that none will come. */
  #onLateMessage(message: ServerMessage): void {
    if (message.type === "ready") return this.#unlistenMessages();
    if (!("request" in message) || message.request !== this.#request) return;
    if (message.type === "subscribed") this.#unsubscribe(message.channel);
    else this.#unlistenMessages();
  }

  #onSubscribed(message: Extract<ServerMessage, { type: "subscribed" }>): void {
    this.#channel = message.channel;
    this.#ended = false;
    this.#options.events.onSizeOwner(message.ownsSize);
    if (message.offset === this.#received) this.#awaitsScreen = false;
    else if (message.offset === 0) this.#restore({ ...message, ansi: "" });
    else this.#awaitsScreen = true;
    if (!this.#awaitsScreen) this.#onResized(message);
  }

  #onChannelMessage(message: ServerMessage): void {
    const { events } = this.#options;
    switch (message.type) {
      case "resized":
        return this.#onResized(message);
      case "size_owner":
        return events.onSizeOwner(message.ownsSize);
      case "skipped":
        this.#awaitsScreen = true;
        return events.onSkipped(message.to - message.from, message.missingBytes);
      case "end":
        this.#ended = true;
        return events.onEnd(message.offset);
      case "error":
        // What was sent before the end was known may be refused after it: nothing is wrong then.
        return this.#ended ? undefined : events.onError(message.error.message);
    }
  }

  #onResized(size: { cols: number; rows: number }): void {
    this.#writer.resize(size.cols, size.rows);
    this.#options.events.onSize({ cols: size.cols, rows: size.rows });
  }

  #onFrame(frame: Frame): void {
    if (frame.channel !== this.#channel) return;
    if (frame.kind === FRAME.snapshot) return this.#onSnapshot(frame);
    if (frame.kind === FRAME.output && !this.#awaitsScreen) this.#onOutput(frame);
  }

  #onSnapshot(frame: Frame): void {
    const screen = decodeSnapshot(frame.bytes);
    if (screen === undefined) return this.#options.events.onError("The server sent a broken screen");
    this.#restore({ ...screen, offset: frame.offset });
  }

  /** The stream starts anew with a screen; a whole session starts with an empty one. */
  #restore(screen: ScreenState): void {
    this.#awaitsScreen = false;
    this.#received = screen.offset;
    this.#acknowledged = -1;
    this.#writer.restore({ cols: screen.cols, rows: screen.rows, ansi: screen.ansi, offset: screen.offset });
    this.#options.events.onSize({ cols: screen.cols, rows: screen.rows });
  }

  /** Bytes seen before are cut off; after a gap the stream is asked for again from where it broke. */
  #onOutput(frame: Frame): void {
    const received = this.#received ?? frame.offset;
    const end = frame.offset + frame.bytes.length;
    if (frame.offset > received) return this.#subscribe();
    if (end <= received) return;
    this.#received = end;
    this.#writer.write(frame.bytes.subarray(received - frame.offset), end);
  }

  #onParsed(offset: number): void {
    this.#parsed = offset;
    if (!this.#attached) {
      this.#attached = true;
      this.#options.events.onAttached();
    }
    if (offset - this.#acknowledged >= ACK_EVERY_BYTES) return this.#acknowledge();
    if (this.#ackPlanned) return;
    this.#ackPlanned = true;
    this.#options.delay(() => {
      this.#ackPlanned = false;
      if (!this.#closed && this.#parsed > this.#acknowledged) this.#acknowledge();
    });
  }

  #acknowledge(): void {
    if (this.#channel === undefined) return;
    this.#acknowledged = this.#parsed;
    this.#options.socket.send({ type: "ack", channel: this.#channel, offset: this.#parsed });
  }
}
