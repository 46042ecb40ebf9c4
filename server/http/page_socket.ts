// One page's WebSocket: authenticates it, limits it, and turns its messages into calls. No callback ever throws.
import type { ChangeWatch } from "../artifacts/changes/change_watch.ts";
import { AppError, publicError } from "../errors.ts";
import type { Log } from "../log.ts";
import { type ClientMessage, decodeFrame, FRAME, type ServerMessage, SOCKET_CLOSE } from "../protocol.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { parseClientMessage } from "./client_message.ts";
import type { Credentials } from "./credentials.ts";
import type { Hub, Peer, Subscription } from "./hub.ts";

export interface PageSocketOptions {
  socket: WebSocket;
  /** Of the upgrade request; copied before, because the request is gone by now. */
  cookie: string | undefined;
  hub: Hub;
  sessions: Sessions;
  changeWatch: Pick<ChangeWatch, "set" | "leave">;
  credentials: Credentials;
  /** Changes with every start of the server. */
  instance: string;
  version: string;
  log: Log;
}

const AUTH_WITHIN_MS = 3000;
const MAX_MESSAGE_BYTES = 1024 * 1024;
const MAX_MESSAGES_PER_SECOND = 200;
/** A burst (a paste in pieces) may go above the rate for a moment. */
const MESSAGE_BURST = 1000;
/** What the system has not sent yet; a page that lets more pile up is cut off and resumes from its offset. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;
const MAX_BAD_MESSAGES = 5;

export class PageSocket implements Peer {
  readonly #options: PageSocketOptions;
  readonly #socket: WebSocket;
  #loginId: number | undefined;
  #authTimer: ReturnType<typeof setTimeout>;
  #tokens = MESSAGE_BURST;
  #tokensAtMs = performance.now();
  #badMessages = 0;

  constructor(options: PageSocketOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#socket.binaryType = "arraybuffer";
    this.#authTimer = setTimeout(
      () => this.close(SOCKET_CLOSE.slowAuth, "No credentials in time"),
      AUTH_WITHIN_MS,
    );
    this.#socket.onmessage = (event) => this.#guarded(() => this.#receive(event.data));
    this.#socket.onclose = () => this.#guarded(() => this.#leave());
    this.#socket.onerror = () => this.#options.log.debug("A page's socket failed");
  }

  get loginId(): number {
    return this.#loginId ?? -1;
  }

  send(message: ServerMessage): void {
    this.#transmit(JSON.stringify(message));
  }

  sendFrame(frame: Uint8Array<ArrayBuffer>): void {
    this.#transmit(frame);
  }

  close(code: number, reason: string): void {
    if (this.#socket.readyState <= WebSocket.OPEN) this.#socket.close(code, reason);
  }

  #transmit(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.close(SOCKET_CLOSE.limits, "The page does not read");
      return;
    }
    this.#socket.send(data);
  }

  #leave(): void {
    clearTimeout(this.#authTimer);
    this.#options.hub.leave(this);
    this.#options.changeWatch.leave(this);
  }

  /** An exception in a socket's callback would end the whole process. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (cause) {
      this.#fail(cause, {});
    }
  }

  #receive(data: unknown): void {
    const size = typeof data === "string" ? data.length : data instanceof ArrayBuffer ? data.byteLength : 0;
    if (size > MAX_MESSAGE_BYTES) return this.close(SOCKET_CLOSE.size, "The message is too large");
    if (!this.#takeToken()) return this.close(SOCKET_CLOSE.limits, "Too many messages");
    if (this.#loginId === undefined) return this.#authenticate(data);
    if (typeof data === "string") this.#handle(parseClientMessage(data));
    else if (data instanceof ArrayBuffer) this.#handleFrame(data);
  }

  #takeToken(): boolean {
    const now = performance.now();
    const earned = (now - this.#tokensAtMs) * MAX_MESSAGES_PER_SECOND / 1000;
    this.#tokens = Math.min(MESSAGE_BURST, this.#tokens + earned) - 1;
    this.#tokensAtMs = now;
    return this.#tokens >= 0;
  }

  #authenticate(data: unknown): void {
    const { credentials, cookie, hub, instance, version } = this.#options;
    const message = typeof data === "string" ? parseClientMessage(data) : undefined;
    const loginId = message?.type === "auth" ? credentials.check(cookie, message.key) : undefined;
    if (loginId === undefined) return this.close(SOCKET_CLOSE.credentials, "The credentials are not valid");
    clearTimeout(this.#authTimer);
    this.#loginId = loginId;
    if (!hub.join(this)) return this.close(SOCKET_CLOSE.limits, "Too many pages are open");
    this.send({ type: "ready", instance, version });
  }

  #handle(message: ClientMessage): void {
    const { hub } = this.#options;
    switch (message.type) {
      case "auth":
        throw new AppError("conflict", "This socket is authenticated already");
      case "ping":
        return this.send({ type: "pong" });
      case "subscribe": {
        const { type: _, ...wish } = message;
        return this.#supervise(hub.subscribe(this, wish), {
          request: message.request,
          sessionId: message.sessionId,
        });
      }
      case "unsubscribe":
        return hub.unsubscribe(this.#channel(message.channel));
      case "ack":
        this.#channel(message.channel);
        return hub.acknowledge(message.channel, message.offset);
      case "resize":
        return this.#resize(message);
      case "watch_changes":
        return this.#watchChanges(message);
    }
  }

  #handleFrame(data: ArrayBuffer): void {
    const frame = decodeFrame(data);
    if (frame?.kind !== FRAME.input) throw new AppError("invalid", "The binary frame is not understood");
    const subscription = this.#channel(frame.channel);
    this.#options.hub.takeSize(subscription);
    // A copy: the runtime may use the message's buffer again.
    const write = this.#options.sessions.write(subscription.sessionId, frame.bytes.slice());
    this.#supervise(write, { channel: frame.channel, sessionId: subscription.sessionId });
  }

  #resize({ channel, cols, rows, takeOver }: Extract<ClientMessage, { type: "resize" }>): void {
    const { hub, sessions } = this.#options;
    const subscription = this.#channel(channel);
    if (takeOver) hub.takeSize(subscription);
    if (!hub.ownsSize(subscription)) return;
    const { sessionId } = subscription;
    this.#supervise(sessions.resize(sessionId, { cols, rows }), { channel, sessionId });
  }

  #watchChanges({ sessionId, on }: { sessionId: string; on: boolean }): void {
    try {
      this.#options.changeWatch.set(this, { sessionId, on });
    } catch (cause) {
      this.#fail(cause, { sessionId });
    }
  }

  #channel(channel: number): Subscription {
    const subscription = this.#options.hub.get(this, channel);
    if (!subscription) throw new AppError("not_found", `Cannot find channel ${channel}`);
    return subscription;
  }

  #supervise(work: Promise<void>, about: { request?: number; channel?: number; sessionId?: string }): void {
    work.catch((cause) => this.#fail(cause, about));
  }

  #fail(cause: unknown, about: { request?: number; channel?: number; sessionId?: string }): void {
    const error = publicError(cause);
    if (error.code === "internal") this.#options.log.error("A socket message failed", { cause });
    this.send({ type: "error", ...about, error });
    if (error.code === "invalid" && ++this.#badMessages >= MAX_BAD_MESSAGES) {
      this.close(SOCKET_CLOSE.limits, "Too many messages that are not understood");
    }
  }
}
