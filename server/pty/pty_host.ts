// All terminals of this process: starts programs in them and serves them from one wait.

import { AppError } from "../errors.ts";
import { type Platform, platformFor } from "./constants.ts";
import { Libc } from "./libc.ts";
import { Mailbox } from "./mailbox.ts";
import type { Pty, PtyExit, PtyListener } from "./pty.ts";
import { PtyProcess } from "./pty_process.ts";
import { spawnSession } from "./spawn.ts";
import { openTerminal } from "./terminal.ts";
import { trampolineArgv } from "./trampoline.ts";
import { createWaiter, READ, type Waiter } from "./waiter.ts";

export type { Pty, PtyExit, PtyListener };

/** Output taken per round from all sessions together, and the least that each of them is offered. */
const READ_BYTES_PER_ROUND = 256 * 1024;
const MIN_READ_BYTES_PER_SESSION = 16 * 1024;
/** While somebody types, rounds are shorter: an echo waits for two of them beside a flood. */
const READ_BYTES_PER_ROUND_TYPING = 32 * 1024;
const TYPING_FOR_MS = 1000;

export interface SpawnOptions {
  /** The program, found on the `PATH` of `env` unless it has a slash, and its arguments. */
  argv: string[];
  /** Absolute. */
  cwd: string;
  /** The whole environment of the program; `PWD` is set to `cwd`. */
  env: Record<string, string>;
  cols: number;
  rows: number;
  /** For the program; ours, when missing. */
  umask?: number;
}

export interface PtyHostOptions {
  platform?: Platform;
  /** Monotonic, in milliseconds. */
  now?: () => number;
}

/**
 * Owner of the terminals and of the one thread that waits for them, which is borrowed only while there are any.
 * A living session keeps the process's event loop alive.
 */
export class PtyHost {
  readonly #libc: Libc;
  readonly #mailbox: Mailbox;
  readonly #waiter: Waiter;
  readonly #now: () => number;
  readonly #hasBash: boolean;
  readonly #buffer = new Uint8Array(new ArrayBuffer(READ_BYTES_PER_ROUND));
  readonly #open = new Set<PtyProcess>();
  #rounds: Promise<void> | undefined;
  #mailboxSlot = 0;
  #typedAtMs = -Infinity;
  #waiting = false;
  #closing = false;

  private constructor(platform: Platform, now: () => number) {
    this.#libc = new Libc(platform);
    this.#mailbox = new Mailbox(this.#libc);
    this.#waiter = createWaiter(this.#libc);
    this.#now = now;
    this.#hasBash = isFile("/bin/bash");
  }

  /** Throws `unavailable` on an operating system without support, with what to do about it. */
  static open(options: PtyHostOptions = {}): PtyHost {
    const platform = options.platform ?? platformFor(Deno.build.os);
    return new PtyHost(platform, options.now ?? (() => performance.now()));
  }

  /**
   * Starts a program as leader of a new session with its own terminal. A program or directory that does not exist
   * shows as `failure` of the exit. Throws `invalid` for what no system could start and `unavailable` when this one
   * is out of terminals, processes or descriptors.
   */
  spawn(options: SpawnOptions, listener: PtyListener): Pty {
    checkOptions(options);
    if (this.#closing) throw new AppError("unavailable", "Start a session: the terminal host is closed");
    const { master, path } = openTerminal(this.#libc, options);
    try {
      if (!this.#waiter.accepts(master)) {
        throw new AppError("unavailable", "Start a session: too many descriptors are open");
      }
      const pid = this.#spawnOn(path, options);
      return this.#adopt({ master, pid, listener });
    } catch (error) {
      this.#libc.call.close(master);
      throw error;
    }
  }

  #spawnOn(terminal: string, { argv, cwd, env, umask }: SpawnOptions): number {
    return spawnSession(this.#libc, {
      argv: trampolineArgv({ terminal, umask, cwd, argv, env, hasBash: this.#hasBash }),
      env,
      errorFd: this.#mailbox.writeFd,
    });
  }

  #adopt(session: { master: number; pid: number; listener: PtyListener }): Pty {
    const pty = new PtyProcess({
      ...session,
      libc: this.#libc,
      mailbox: this.#mailbox,
      exitFd: openExitFd(this.#libc, session.pid),
      onChange: () => this.#changed(pty),
    });
    this.#open.add(pty);
    this.#rounds ??= this.#run();
    this.#wake();
    return pty;
  }

  #changed(pty: PtyProcess): void {
    this.#forgetIfDone(pty);
    this.#wake();
  }

  #forgetIfDone(pty: PtyProcess): void {
    if (pty.closed && pty.finished) this.#open.delete(pty);
  }

  #wake(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#mailbox.wake();
  }

  async #run(): Promise<void> {
    while (!this.#closing) {
      const active = [...this.#open].filter((pty) => !pty.finished);
      if (active.length === 0) break;
      await this.#wait(active);
      if (!this.#closing) this.#serve(active);
    }
    this.#rounds = undefined;
  }

  async #wait(active: PtyProcess[]): Promise<void> {
    this.#waiter.clear();
    this.#mailboxSlot = this.#waiter.add(this.#mailbox.readFd, READ);
    let checkAtMs = Infinity;
    for (const pty of active) {
      pty.register(this.#waiter);
      checkAtMs = Math.min(checkAtMs, pty.checkAtMs);
    }
    this.#waiting = true;
    await this.#waiter.wait(checkAtMs === Infinity ? -1 : Math.max(0, Math.ceil(checkAtMs - this.#now())));
    this.#waiting = false;
  }

  #serve(active: PtyProcess[]): void {
    if (this.#waiter.ready(this.#mailboxSlot) !== 0) this.#mailbox.drain();
    const nowMs = this.#now();
    if (active.some((pty) => pty.takeTyped())) this.#typedAtMs = nowMs;
    const isTyping = nowMs - this.#typedAtMs < TYPING_FOR_MS;
    const bytes = isTyping ? READ_BYTES_PER_ROUND_TYPING : READ_BYTES_PER_ROUND;
    const readable = active.filter((pty) => pty.isReadable(this.#waiter)).length;
    const share = Math.floor(bytes / Math.max(1, readable));
    const round = {
      buffer: this.#buffer,
      readBudgetBytes: Math.max(MIN_READ_BYTES_PER_SESSION, share),
      nowMs,
    };
    for (const pty of active) {
      pty.serve(this.#waiter, round);
      this.#forgetIfDone(pty);
    }
  }

  /** Hangs up all terminals and gives back thread, descriptors and library. Exits are no longer reported. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#wake();
    await this.#rounds;
    for (const pty of this.#open) pty.abandon();
    this.#open.clear();
    this.#mailbox.close();
    this.#libc.close();
  }
}

function checkOptions({ argv, cwd, env }: SpawnOptions): void {
  const [program = ""] = argv;
  if (program === "" || program.startsWith("-")) {
    throw new AppError("invalid", `Start a program: this is not a program name: "${program}"`);
  }
  if (!cwd.startsWith("/")) {
    throw new AppError("invalid", `Start a program: the folder must be absolute: "${cwd}"`, { field: "cwd" });
  }
  if ([...argv, cwd, ...Object.entries(env).flat()].some((text) => text.includes("\0"))) {
    throw new AppError("invalid", "Start a program: a NUL character cannot be passed on");
  }
}

/** A descriptor that tells of a process's exit, even while others hold its terminal; needs Linux 5.3. */
function openExitFd(libc: Libc, pid: number): number | undefined {
  const { pidfdOpenCall } = libc.platform;
  if (pidfdOpenCall === undefined) return undefined;
  const fd = Number(libc.call.syscall(pidfdOpenCall, BigInt(pid), 0n));
  return fd < 0 ? undefined : fd;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // Missing and forbidden are the same answer here.
    return false;
  }
}
