// Every number of the C library that differs between Linux and macOS, in one table.

import { AppError } from "../errors.ts";

/** What this room needs to know about the C library of one operating system. */
export interface Platform {
  /** Tried in this order. */
  libraries: readonly string[];
  errnoSymbol: "__errno_location" | "__error";
  /** Variadic arguments travel on the stack even while registers are free. */
  variadicOnStack: boolean;
  waiter: "poll" | "select";
  /** System call that turns a pid into a descriptor that is readable once the process is gone. */
  pidfdOpenCall?: bigint;
  /** `posix_spawn` itself keeps every descriptor from the child that no file action names. */
  spawnClosesOthers: boolean;
  spawnFlags: number;
  openTerminalFlags: number;
  nonBlockingFlags: number;
  setWindowSizeRequest: bigint;
  wouldBlock: number;
  termios: { localFlagsOffset: number; echo: number; canonical: number };
}

const SPAWN_SET_SIGNAL_DEFAULTS = 0x04;
const SPAWN_SET_SIGNAL_MASK = 0x08;
const O_RDWR = 0x2;

/** glibc; musl has the same values where it has the calls. */
export const LINUX: Platform = {
  libraries: ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"],
  errnoSymbol: "__errno_location",
  variadicOnStack: false,
  waiter: "poll",
  pidfdOpenCall: 434n,
  spawnClosesOthers: false,
  // The last one is POSIX_SPAWN_SETSID.
  spawnFlags: SPAWN_SET_SIGNAL_DEFAULTS | SPAWN_SET_SIGNAL_MASK | 0x80,
  // O_NOCTTY, O_CLOEXEC
  openTerminalFlags: O_RDWR | 0x100 | 0x80000,
  // O_NONBLOCK
  nonBlockingFlags: O_RDWR | 0x800,
  setWindowSizeRequest: 0x5414n,
  wouldBlock: 11,
  termios: { localFlagsOffset: 12, echo: 0x8, canonical: 0x2 },
};

/** From the headers; this table has not run on a Mac yet. */
export const DARWIN: Platform = {
  libraries: ["/usr/lib/libSystem.B.dylib"],
  errnoSymbol: "__error",
  variadicOnStack: Deno.build.arch === "aarch64",
  waiter: "select",
  spawnClosesOthers: true,
  // The last two are POSIX_SPAWN_SETSID and POSIX_SPAWN_CLOEXEC_DEFAULT.
  spawnFlags: SPAWN_SET_SIGNAL_DEFAULTS | SPAWN_SET_SIGNAL_MASK | 0x400 | 0x4000,
  // O_NOCTTY; its posix_openpt does not promise to take O_CLOEXEC
  openTerminalFlags: O_RDWR | 0x20000,
  // O_NONBLOCK
  nonBlockingFlags: O_RDWR | 0x4,
  setWindowSizeRequest: 0x80087467n,
  wouldBlock: 35,
  termios: { localFlagsOffset: 24, echo: 0x8, canonical: 0x100 },
};

/** The table of an operating system as `Deno.build.os` names it; throws `unavailable` where there is none. */
export function platformFor(os: string): Platform {
  if (os === "linux") return LINUX;
  if (os === "darwin") return DARWIN;
  if (os === "windows") {
    throw new AppError("unavailable", "Windows is not supported yet: run Agents Fleet inside WSL");
  }
  throw new AppError("unavailable", `This operating system is not supported: "${os}"`);
}
