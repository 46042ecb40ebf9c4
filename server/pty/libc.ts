// The C library as this room uses it: symbols, errno and the few calls every file needs.

import type { Platform } from "./constants.ts";
import { AppError } from "../errors.ts";

const F_SETFD = 2;
const F_SETFL = 4;
const FD_CLOEXEC = 1;
const EINTR = 4;

/** Six unused register arguments push what follows onto the stack, where variadic callees look for it. */
const PADDING = ["u64", "u64", "u64", "u64", "u64", "u64"] as const;

const SYMBOLS = {
  posix_openpt: { parameters: ["i32"], result: "i32" },
  grantpt: { parameters: ["i32"], result: "i32" },
  unlockpt: { parameters: ["i32"], result: "i32" },
  ptsname_r: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  ioctlOnStack: { name: "ioctl", parameters: ["i32", "u64", ...PADDING, "buffer"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i64"], result: "i32" },
  fcntlOnStack: { name: "fcntl", parameters: ["i32", "i32", ...PADDING, "i64"], result: "i32" },
  tcgetattr: { parameters: ["i32", "buffer"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  pipe: { parameters: ["buffer"], result: "i32" },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  syscall: { parameters: ["i64", "i64", "i64"], result: "i64" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
  select: {
    parameters: ["i32", "buffer", "buffer", "buffer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  posix_spawn: {
    parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"],
    result: "i32",
  },
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_destroy: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
  posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_setsigmask: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_addopen: {
    parameters: ["buffer", "i32", "buffer", "i32", "u32"],
    result: "i32",
  },
  posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer", optional: true },
  __error: { parameters: [], result: "pointer", optional: true },
} as const satisfies Deno.ForeignLibraryInterface;

type Library = Deno.DynamicLibrary<typeof SYMBOLS>;

/** What a read or write on a non-blocking descriptor came to. */
export type Transfer = { bytes: number } | "blocked" | "ended";

/** An open C library; whoever opens it closes it. Throws `unavailable` when no library can be loaded. */
export class Libc {
  readonly platform: Platform;
  readonly call: Library["symbols"];
  readonly #library: Library;
  /** Of the thread that opened the library, the only one that may use this object. */
  readonly #errno: Deno.UnsafePointerView;

  constructor(platform: Platform) {
    this.platform = platform;
    this.#library = openFirst(platform);
    this.call = this.#library.symbols;
    const location = this.call[platform.errnoSymbol]?.() ?? null;
    if (location === null) throw new AppError("unavailable", "The C library has no errno");
    this.#errno = new Deno.UnsafePointerView(location);
  }

  /** Error number of the last failed call; to be asked before any other call. */
  errno(): number {
    return this.#errno.getInt32();
  }

  /** Reads into the buffer from `start`; "ended" for end of file and for a terminal that nobody holds. */
  read(fd: number, buffer: Uint8Array<ArrayBuffer>, start: number): Transfer {
    const target = start === 0 ? buffer : buffer.subarray(start);
    return this.#transfer(() => this.call.read(fd, target, BigInt(target.length)), "ended");
  }

  /** Writes what the kernel takes now. */
  write(fd: number, bytes: Uint8Array<ArrayBuffer>): Transfer {
    return this.#transfer(() => this.call.write(fd, bytes, BigInt(bytes.length)), "blocked");
  }

  #transfer(attempt: () => bigint, none: "blocked" | "ended"): Transfer {
    while (true) {
      const moved = Number(attempt());
      if (moved > 0) return { bytes: moved };
      if (moved === 0) return none;
      const errno = this.errno();
      if (errno === this.platform.wouldBlock) return "blocked";
      if (errno !== EINTR) return "ended";
    }
  }

  /** Makes a descriptor ours alone: no child inherits it. */
  setCloseOnExec(fd: number): void {
    this.#fcntl(fd, F_SETFD, FD_CLOEXEC);
  }

  /** Lets calls on a descriptor return instead of waiting. */
  setNonBlocking(fd: number): void {
    this.#fcntl(fd, F_SETFL, this.platform.nonBlockingFlags);
  }

  #fcntl(fd: number, command: number, value: number): void {
    if (this.platform.variadicOnStack) {
      this.call.fcntlOnStack(fd, command, 0n, 0n, 0n, 0n, 0n, 0n, BigInt(value));
    } else {
      this.call.fcntl(fd, command, BigInt(value));
    }
  }

  /** Result of an ioctl whose argument is a structure. */
  ioctl(fd: number, request: bigint, argument: Uint16Array<ArrayBuffer>): number {
    return this.platform.variadicOnStack
      ? this.call.ioctlOnStack(fd, request, 0n, 0n, 0n, 0n, 0n, 0n, argument)
      : this.call.ioctl(fd, request, argument);
  }

  close(): void {
    this.#library.close();
  }
}

function openFirst(platform: Platform): Library {
  let failure: unknown;
  for (const path of platform.libraries) {
    try {
      return Deno.dlopen(path, SYMBOLS);
    } catch (error) {
      failure = error;
    }
  }
  throw new AppError("unavailable", `Load the C library: none of ${platform.libraries.join(", ")} works`, {
    cause: failure,
  });
}
