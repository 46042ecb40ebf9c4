// The pipe that interrupts a host's wait, and through which a child says why it could not start its program.

import type { Libc } from "./libc.ts";
import { AppError } from "../errors.ts";

/** Why a program never ran: its directory has gone or is closed to us, or no such program is found. */
export type StartFailure = "no_directory" | "no_program";

const WAKE = new Uint8Array([10]);
const REPORT = /^(\d+) (no_directory|no_program)$/;
const MAX_LINE_CHARACTERS = 4096;

/** One per host. Children write `<pid> <failure>` lines, shells may add words of their own, empty lines only wake. */
export class Mailbox {
  readonly readFd: number;
  readonly writeFd: number;
  readonly #libc: Libc;
  readonly #buffer = new Uint8Array(new ArrayBuffer(4096));
  readonly #decoder = new TextDecoder();
  readonly #failures = new Map<number, StartFailure>();
  #unfinishedLine = "";

  /** Throws `unavailable` when no pipe can be made. */
  constructor(libc: Libc) {
    const ends = new Int32Array(2);
    if (libc.call.pipe(ends) !== 0) {
      throw new AppError("unavailable", `Open a pipe: error ${libc.errno()}`);
    }
    const [readFd = -1, writeFd = -1] = ends;
    this.#libc = libc;
    this.readFd = readFd;
    this.writeFd = writeFd;
    for (const fd of ends) {
      libc.setCloseOnExec(fd);
      libc.setNonBlocking(fd);
    }
  }

  /** Ends the wait that is under way, or the next one. */
  wake(): void {
    this.#libc.write(this.writeFd, WAKE);
  }

  /** Empties the pipe. */
  drain(): void {
    while (true) {
      const read = this.#libc.read(this.readFd, this.#buffer, 0);
      if (typeof read === "string") return;
      this.#take(this.#decoder.decode(this.#buffer.subarray(0, read.bytes), { stream: true }));
    }
  }

  #take(text: string): void {
    const lines = (this.#unfinishedLine + text).split("\n");
    this.#unfinishedLine = lines.pop()?.slice(0, MAX_LINE_CHARACTERS) ?? "";
    for (const line of lines) {
      const report = REPORT.exec(line);
      if (report !== null) this.#failures.set(Number(report[1]), report[2] as StartFailure);
    }
  }

  /** What a child that has exited had reported, once. */
  takeFailure(pid: number): StartFailure | undefined {
    this.drain();
    const failure = this.#failures.get(pid);
    this.#failures.delete(pid);
    return failure;
  }

  close(): void {
    this.#libc.call.close(this.readFd);
    this.#libc.call.close(this.writeFd);
  }
}
