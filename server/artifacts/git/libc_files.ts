// The calls of the C library that name a file by an open directory and bytes: no link is followed, any name works.
import { AppError } from "../../errors.ts";

/** Numbers that differ between systems. */
interface OpenFlags {
  directory: number;
  noFollow: number;
  closeOnExec: number;
  create: number;
  exclusive: number;
  nonBlocking: number;
  /** `unlinkat` removes a directory. */
  removeDirectory: number;
  tooManyLinks: number;
}

const LINUX_COMMON = {
  closeOnExec: 0x80000,
  create: 0x40,
  exclusive: 0x80,
  nonBlocking: 0x800,
  removeDirectory: 0x200,
};
const LINUX_X86: OpenFlags = { ...LINUX_COMMON, directory: 0x10000, noFollow: 0x20000, tooManyLinks: 40 };
const LINUX_ARM: OpenFlags = { ...LINUX_COMMON, directory: 0x4000, noFollow: 0x8000, tooManyLinks: 40 };
/** From the headers; this table has not run on a Mac yet. */
const DARWIN: OpenFlags = {
  directory: 0x100000,
  noFollow: 0x100,
  closeOnExec: 0x1000000,
  create: 0x200,
  exclusive: 0x800,
  nonBlocking: 0x4,
  removeDirectory: 0x80,
  tooManyLinks: 62,
};

const LIBRARIES: Record<string, readonly string[]> = {
  linux: ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"],
  darwin: ["/usr/lib/libSystem.B.dylib"],
};

const SYMBOLS = {
  openat: { parameters: ["i32", "buffer", "i32", "u32"], result: "i32" },
  // Unused register arguments push the mode onto the stack, where variadic callees of Apple's look for it.
  openatOnStack: {
    name: "openat",
    parameters: ["i32", "buffer", "i32", "u64", "u64", "u64", "u64", "u64", "u32"],
    result: "i32",
  },
  close: { parameters: ["i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  fchmod: { parameters: ["i32", "u32"], result: "i32" },
  mkdirat: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  unlinkat: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  renameat: { parameters: ["i32", "buffer", "i32", "buffer"], result: "i32" },
  symlinkat: { parameters: ["buffer", "i32", "buffer"], result: "i32" },
  readlinkat: { parameters: ["i32", "buffer", "buffer", "usize"], result: "isize" },
  faccessat: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer", optional: true },
  __error: { parameters: [], result: "pointer", optional: true },
} as const satisfies Deno.ForeignLibraryInterface;

export const ENOENT = 2;

/** An open C library; whoever opens it closes it. Throws `unavailable` on systems without one that we know. */
export class FileCalls {
  readonly flags: OpenFlags;
  readonly call: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;
  readonly #errno: Deno.UnsafePointerView;
  readonly #modeOnStack = Deno.build.os === "darwin" && Deno.build.arch === "aarch64";

  constructor() {
    this.flags = flagsHere();
    this.#library = openLibrary();
    this.call = this.#library.symbols;
    const location = this.call.__errno_location?.() ?? this.call.__error?.() ?? null;
    if (location === null) throw new AppError("unavailable", "The C library has no errno");
    this.#errno = new Deno.UnsafePointerView(location);
  }

  /** Of the last failed call; to be asked before any other call. */
  errno(): number {
    return this.#errno.getInt32();
  }

  /** A descriptor, or -1. It is never given to children. */
  open(
    directory: number,
    { name, flags, mode = 0 }: { name: Uint8Array<ArrayBuffer>; flags: number; mode?: number },
  ): number {
    const all = flags | this.flags.closeOnExec | this.flags.noFollow;
    return this.#modeOnStack
      ? this.call.openatOnStack(directory, name, all, 0n, 0n, 0n, 0n, 0n, mode)
      : this.call.openat(directory, name, all, mode);
  }

  [Symbol.dispose](): void {
    this.#library.close();
  }
}

function flagsHere(): OpenFlags {
  if (Deno.build.os === "darwin") return DARWIN;
  return Deno.build.arch === "aarch64" ? LINUX_ARM : LINUX_X86;
}

function openLibrary(): Deno.DynamicLibrary<typeof SYMBOLS> {
  let failure: unknown;
  for (const path of LIBRARIES[Deno.build.os] ?? []) {
    try {
      return Deno.dlopen(path, SYMBOLS);
    } catch (cause) {
      failure = cause;
    }
  }
  throw new AppError("unavailable", "Files cannot be put back on this system", { cause: failure });
}
