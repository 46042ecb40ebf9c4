// Connects pages with the holder: who is attached to which terminal, and who decides its size.
import type { HolderApi, HolderEvent } from "../holder/api.ts";
import type { Log } from "../log.ts";
import { encodeFrame, encodeSnapshot, FRAME, type ServerMessage } from "../protocol.ts";

/** One page's connection, as the hub needs it. */
export interface Peer {
  /** Of the login, so that its sockets can be counted and closed. */
  readonly loginId: number;
  send(message: ServerMessage): void;
  sendFrame(frame: Uint8Array<ArrayBuffer>): void;
  close(code: number, reason: string): void;
}

export interface Subscription {
  channel: number;
  peer: Peer;
  sessionId: string;
  /** The page's own number for its question. */
  request: number;
}

const MAX_PEERS = 64;
const MAX_PEERS_PER_LOGIN = 16;
const MAX_CHANNELS_PER_PEER = 32;

export class Hub {
  readonly #holder: HolderApi;
  readonly #log: Log;
  readonly #peers = new Set<Peer>();
  readonly #channels = new Map<number, Subscription>();
  /** Channel that decides a session's terminal size. */
  readonly #sizeOwners = new Map<string, number>();
  #lastChannel = 0;

  constructor(options: { holder: HolderApi; log: Log }) {
    this.#holder = options.holder;
    this.#log = options.log;
  }

  /** False when there are too many already. */
  join(peer: Peer): boolean {
    const ofLogin = [...this.#peers].filter(({ loginId }) => loginId === peer.loginId).length;
    if (this.#peers.size >= MAX_PEERS || ofLogin >= MAX_PEERS_PER_LOGIN) return false;
    this.#peers.add(peer);
    return true;
  }

  leave(peer: Peer): void {
    this.#peers.delete(peer);
    for (const subscription of [...this.#channels.values()]) {
      if (subscription.peer === peer) this.#drop(subscription);
    }
  }

  /** Tells every page. */
  broadcast(message: ServerMessage): void {
    for (const peer of this.#peers) peer.send(message);
  }

  /** Closes the sockets of a login that was revoked. */
  closeLogin(loginId: number | "all", close: { code: number; reason: string }): void {
    for (const peer of [...this.#peers]) {
      if (loginId === "all" || peer.loginId === loginId) peer.close(close.code, close.reason);
    }
  }

  /** Attaches a page to a terminal. Rejects with `not_found`, or `rate_limited` for too many at once. */
  async subscribe(
    peer: Peer,
    wish: { request: number; sessionId: string; from?: number },
  ): Promise<void> {
    const { request, sessionId, ...where } = wish;
    if (this.#countChannels(peer) >= MAX_CHANNELS_PER_PEER) {
      peer.close(1008, "Too many subscriptions");
      return;
    }
    const channel = ++this.#lastChannel;
    this.#channels.set(channel, { channel, peer, sessionId, request });
    if (!this.#sizeOwners.has(sessionId)) this.#sizeOwners.set(sessionId, channel);
    try {
      await this.#holder.attach({ channel, session: sessionId, ...where });
    } catch (cause) {
      const subscription = this.#channels.get(channel);
      if (subscription) this.#drop(subscription);
      throw cause;
    }
  }

  /** A page's own channel; undefined for any other. */
  get(peer: Peer, channel: number): Subscription | undefined {
    const subscription = this.#channels.get(channel);
    return subscription?.peer === peer ? subscription : undefined;
  }

  unsubscribe(subscription: Subscription): void {
    this.#drop(subscription);
  }

  acknowledge(channel: number, offset: number): void {
    this.#supervise(this.#holder.acknowledge({ channel, offset }));
  }

  ownsSize({ channel, sessionId }: Subscription): boolean {
    return this.#sizeOwners.get(sessionId) === channel;
  }

  /** The page that last typed or took over decides the size. */
  takeSize({ channel, sessionId }: Subscription): void {
    const before = this.#sizeOwners.get(sessionId);
    if (before === channel) return;
    this.#sizeOwners.set(sessionId, channel);
    this.#tellSizeOwner(before, false);
    this.#tellSizeOwner(channel, true);
  }

  /** Passes an event of the holder on to the page that it is for. */
  handle(event: HolderEvent): void {
    if (!("channel" in event)) return;
    const subscription = this.#channels.get(event.channel);
    if (!subscription) return;
    const { peer, channel, sessionId, request } = subscription;
    switch (event.type) {
      case "attached": {
        const { offset, cols, rows } = event;
        const ownsSize = this.ownsSize(subscription);
        peer.send({ type: "subscribed", request, channel, sessionId, offset, cols, rows, ownsSize });
        break;
      }
      case "output":
        peer.sendFrame(encodeFrame({ kind: FRAME.output, ...event }));
        break;
      case "snapshot": {
        const { offset, cols, rows, ansi } = event.snapshot;
        const bytes = encodeSnapshot({ cols, rows, ansi: new TextEncoder().encode(ansi) });
        peer.sendFrame(encodeFrame({ kind: FRAME.snapshot, channel, offset, bytes }));
        break;
      }
      case "resized":
      case "skipped":
      case "end":
        peer.send(event);
    }
  }

  #countChannels(peer: Peer): number {
    return [...this.#channels.values()].filter((subscription) => subscription.peer === peer).length;
  }

  #drop({ channel, sessionId }: Subscription): void {
    this.#channels.delete(channel);
    this.#supervise(this.#holder.detach({ channel }));
    if (this.#sizeOwners.get(sessionId) !== channel) return;
    this.#sizeOwners.delete(sessionId);
    const heir = [...this.#channels.values()].findLast((other) => other.sessionId === sessionId);
    if (heir) this.takeSize(heir);
  }

  #tellSizeOwner(channel: number | undefined, ownsSize: boolean): void {
    if (channel === undefined) return;
    this.#channels.get(channel)?.peer.send({ type: "size_owner", channel, ownsSize });
  }

  #supervise(call: Promise<void>): void {
    call.catch((cause) => this.#log.warn("A call to the holder failed", { cause }));
  }
}
