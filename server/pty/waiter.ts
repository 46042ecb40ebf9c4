// Waiting for many descriptors in one call on one borrowed thread: poll where it serves terminals, else select.

import type { Libc } from "./libc.ts";

export const READ = 1;
export const WRITE = 2;

/** One wait at a time: `clear`, `add` each descriptor, `wait`, then ask each slot what is `ready`. */
export interface Waiter {
  /** Whether this descriptor can be waited for at all. */
  accepts(fd: number): boolean;
  clear(): void;
  /** Returns the slot to ask after the wait. `events` is `READ`, `WRITE` or both. */
  add(fd: number, events: number): number;
  /** Resolves when something is ready or the time is over; a negative time waits for ever. */
  wait(timeoutMs: number): Promise<void>;
  /** `READ` also when the other side has gone, so that a read finds out. */
  ready(slot: number): number;
}

/** The waiter that fits the platform. */
export function createWaiter(libc: Libc): Waiter {
  return libc.platform.waiter === "poll" ? new PollWaiter(libc) : new SelectWaiter(libc);
}

const POLLIN = 0x1;
const POLLOUT = 0x4;
const POLL_FAILED = 0x8 | 0x10 | 0x20;

/** Each entry is two words: the descriptor, and events with what came of them in the upper half. */
class PollWaiter implements Waiter {
  readonly #libc: Libc;
  #entries = new Int32Array(new ArrayBuffer(1024));
  #count = 0;

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  accepts(fd: number): boolean {
    return fd >= 0;
  }

  clear(): void {
    this.#count = 0;
  }

  add(fd: number, events: number): number {
    const slot = this.#count++;
    if (slot * 2 >= this.#entries.length) this.#grow();
    this.#entries[slot * 2] = fd;
    this.#entries[slot * 2 + 1] = (events & READ ? POLLIN : 0) | (events & WRITE ? POLLOUT : 0);
    return slot;
  }

  #grow(): void {
    const larger = new Int32Array(new ArrayBuffer(this.#entries.byteLength * 2));
    larger.set(this.#entries);
    this.#entries = larger;
  }

  async wait(timeoutMs: number): Promise<void> {
    await this.#libc.call.poll(this.#entries, BigInt(this.#count), timeoutMs);
  }

  ready(slot: number): number {
    const happened = (this.#entries[slot * 2 + 1] ?? 0) >>> 16;
    return (happened & (POLLIN | POLL_FAILED) ? READ : 0) | (happened & POLLOUT ? WRITE : 0);
  }
}

const SET_BYTES = 128;

/** Sets of bits, one per descriptor; those above 1023 do not fit. */
class SelectWaiter implements Waiter {
  readonly #libc: Libc;
  readonly #readable = new Uint8Array(new ArrayBuffer(SET_BYTES));
  readonly #writable = new Uint8Array(new ArrayBuffer(SET_BYTES));
  readonly #time = new BigInt64Array(new ArrayBuffer(128), 0, 2);
  #highest = -1;

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  accepts(fd: number): boolean {
    return fd >= 0 && fd < SET_BYTES * 8;
  }

  clear(): void {
    this.#readable.fill(0);
    this.#writable.fill(0);
    this.#highest = -1;
  }

  add(fd: number, events: number): number {
    if (events & READ) setBit(this.#readable, fd);
    if (events & WRITE) setBit(this.#writable, fd);
    this.#highest = Math.max(this.#highest, fd);
    return fd;
  }

  async wait(timeoutMs: number): Promise<void> {
    this.#time[0] = BigInt(Math.floor(Math.max(0, timeoutMs) / 1000));
    this.#time[1] = BigInt((Math.max(0, timeoutMs) % 1000) * 1000);
    const time = timeoutMs < 0 ? null : this.#time;
    const { select } = this.#libc.call;
    const count = await select(this.#highest + 1, this.#readable, this.#writable, null, time);
    // Interrupted or failed, it leaves the question in place of the answer.
    if (count < 0) this.clear();
  }

  ready(slot: number): number {
    return (hasBit(this.#readable, slot) ? READ : 0) | (hasBit(this.#writable, slot) ? WRITE : 0);
  }
}

function setBit(set: Uint8Array, bit: number): void {
  set[bit >> 3] = (set[bit >> 3] ?? 0) | (1 << (bit & 7));
}

function hasBit(set: Uint8Array, bit: number): boolean {
  return ((set[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
}
