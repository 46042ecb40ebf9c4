// The master side of one pseudo terminal: open it, size it, ask for its modes.

import { AppError } from "../errors.ts";
import type { Libc } from "./libc.ts";

export interface TerminalSize {
  cols: number;
  rows: number;
}

const SIZE_LIMITS = { cols: { min: 2, max: 1000 }, rows: { min: 1, max: 500 } } as const;
const NAME_BYTES = 128;
/** More than any platform's `struct termios`. */
const TERMIOS_BYTES = 256;

/** Opens a terminal of that size; throws `unavailable` when the system has none left. */
export function openTerminal(libc: Libc, size: TerminalSize): { master: number; path: string } {
  const master = libc.call.posix_openpt(libc.platform.openTerminalFlags);
  if (master < 0) throw new AppError("unavailable", `Open a terminal: error ${libc.errno()}`);
  libc.setCloseOnExec(master);
  libc.setNonBlocking(master);
  const name = new Uint8Array(NAME_BYTES);
  const failed = libc.call.grantpt(master) !== 0 || libc.call.unlockpt(master) !== 0 ||
    libc.call.ptsname_r(master, name, BigInt(NAME_BYTES)) !== 0;
  if (failed) {
    const errno = libc.errno();
    libc.call.close(master);
    throw new AppError("unavailable", `Prepare a terminal: error ${errno}`);
  }
  setWindowSize(libc, master, size);
  return { master, path: new TextDecoder().decode(name.subarray(0, name.indexOf(0))) };
}

/** Sets the size, clamped to what programs survive; the program inside is told by SIGWINCH. */
export function setWindowSize(libc: Libc, master: number, size: TerminalSize): void {
  const cols = clamp(size.cols, SIZE_LIMITS.cols);
  const rows = clamp(size.rows, SIZE_LIMITS.rows);
  libc.ioctl(master, libc.platform.setWindowSizeRequest, new Uint16Array([rows, cols, 0, 0]));
}

function clamp(value: number, limits: { min: number; max: number }): number {
  if (Number.isNaN(value)) return limits.min;
  return Math.trunc(Math.min(limits.max, Math.max(limits.min, value)));
}

/** Whether the terminal echoes input, and whether it gathers lines; undefined when it cannot be asked. */
export function inputModes(libc: Libc, master: number): { echo: boolean; canonical: boolean } | undefined {
  const termios = new Uint8Array(TERMIOS_BYTES);
  if (libc.call.tcgetattr(master, termios) !== 0) return undefined;
  const { localFlagsOffset, echo, canonical } = libc.platform.termios;
  const flags = new DataView(termios.buffer).getUint32(localFlagsOffset, true);
  return { echo: (flags & echo) !== 0, canonical: (flags & canonical) !== 0 };
}
