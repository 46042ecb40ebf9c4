// What the rest of the program sees of one program running in a terminal.

import type { ExitStatus } from "./exit_status.ts";
import type { StartFailure } from "./mailbox.ts";

/** How the session leader ended; with `failure` the program asked for never ran. */
export interface PtyExit extends ExitStatus {
  failure?: StartFailure;
}

/** Told about one terminal. Calls come one at a time; what they throw is reported as uncaught and stops nothing. */
export interface PtyListener {
  /** Output in order; the bytes belong to the listener. */
  onData(bytes: Uint8Array<ArrayBuffer>): void;
  /** Once, after the last byte. Processes left behind may still hold the terminal until `close`. */
  onExit(exit: PtyExit): void;
  /** After a refused write: half the queue is free again. */
  onDrain?(): void;
}

/** A terminal and the leader of its session. Whoever spawned it closes it, also after the exit. */
export interface Pty {
  /** Of the session leader, which is also its process group and session number. */
  readonly pid: number;
  /**
   * Takes input for the program, all of it or nothing: false when more than `MAX_QUEUED_BYTES` would wait.
   * Input for a program that has gone vanishes, as in any terminal.
   */
  write(input: Uint8Array | string): boolean;
  /** Bytes taken that the kernel has not accepted yet. */
  readonly queuedBytes: number;
  /** Clamped to 2..1000 columns and 1..500 rows. */
  resize(cols: number, rows: number): void;
  /** No more `onData` until `resume`; the program waits once the kernel's buffer is full. The exit waits too. */
  pause(): void;
  resume(): void;
  readonly paused: boolean;
  /** Whether the terminal itself echoes input. Editors and shells with line editing turn it off and echo themselves. */
  readonly echo: boolean;
  /** Echo off while whole lines are read: how programs ask for a password. */
  readonly hidesInput: boolean;
  /** Signals the leader alone; nothing once it has gone. */
  kill(signal: Deno.Signal | number): void;
  /** Hangs up: the terminal is gone for every process in it. The leader's exit is still waited for and reported. */
  close(): void;
  readonly closed: boolean;
  /** Set with `exited`; undefined for death by signal. */
  readonly exitCode: number | undefined;
  /** Resolves after `onExit` has returned; never if the host is closed first. */
  readonly exited: Promise<PtyExit>;
  /** The output from now on as a stream, beside the listener; it pauses the terminal while nobody reads it. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
}
