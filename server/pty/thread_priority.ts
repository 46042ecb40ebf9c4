// Lets other threads go first on the processors.

const SELF = 0;
const PRIO_PROCESS = 0;

/**
 * Makes the calling thread yield to others (0 to 19, more is politer). On Linux a "process" of this call is a thread; elsewhere
 * nothing is done, and neither where the C library is not where we look.
 */
export function lowerThreadPriority(niceness: number): void {
  if (Deno.build.os !== "linux") return;
  const library = openLibrary();
  library?.symbols.setpriority(PRIO_PROCESS, SELF, niceness);
  library?.close();
}

function openLibrary(): Deno.DynamicLibrary<typeof SYMBOLS> | undefined {
  for (const name of ["libc.so.6", "libc.so", "libc.musl-x86_64.so.1"]) {
    try {
      return Deno.dlopen(name, SYMBOLS);
    } catch {
      // Another C library has another name.
    }
  }
  return undefined;
}

const SYMBOLS = { setpriority: { parameters: ["i32", "u32", "i32"], result: "i32" } } as const;
