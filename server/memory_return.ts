// Gives memory back to the system once a process has become quiet. The runtime keeps the pages of what it freed, those of
// ended workers too, until a collection that is short of memory, and a process with nothing to do has none: 50 sessions asleep
// would go on taking what they took awake.
import process from "node:process";

const LOOK_EVERY_MS = 10_000;
/** Of processor time between two looks. Above it somebody is served, whom a collection would make wait. */
const QUIET_MS = 200;
/** Of processor time since the last return: less leaves nothing behind that is worth the work. */
const WORTHWHILE_MS = 500;
/** A worker is gone for good some seconds after its end, and only then its pages are there to be given back. */
const RETURNS_AFTER_WORK = 3;

/** What it needs of the process it is in. */
export interface ProcessMemory {
  /** Processor time of all threads so far. */
  usedMs(): number;
  /** Frees what nothing refers to and hands free pages back. */
  giveBack(): void;
}

export class MemoryReturn {
  readonly #memory: ProcessMemory;
  #timer: ReturnType<typeof setInterval> | undefined;
  #seenMs = 0;
  #workedMs = Infinity;
  #returnsLeft = 0;

  constructor(memory: ProcessMemory = ownMemory()) {
    this.#memory = memory;
  }

  start(): void {
    this.#seenMs = this.#memory.usedMs();
    this.#timer ??= setInterval(() => this.look(), LOOK_EVERY_MS);
    // Nothing waits for it.
    Deno.unrefTimer(this.#timer);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** To be called when a worker was ended: its work was long ago, and memory is there all the same. */
  soon(): void {
    this.#workedMs = Infinity;
  }

  /** Gives memory back when work was done and the process is quiet now. Called by a timer of its own. */
  look(): void {
    const usedMs = this.#memory.usedMs();
    const sinceMs = usedMs - this.#seenMs;
    this.#seenMs = usedMs;
    this.#workedMs += sinceMs;
    if (sinceMs > QUIET_MS) return;
    if (this.#workedMs >= WORTHWHILE_MS) {
      this.#workedMs = 0;
      this.#returnsLeft = RETURNS_AFTER_WORK;
    }
    if (this.#returnsLeft === 0) return;
    this.#returnsLeft--;
    this.#memory.giveBack();
    // Its own work is no reason for more.
    this.#seenMs = this.#memory.usedMs();
  }
}

/** There where the runtime was started with `--expose-gc`, as we are. */
interface Collecting {
  gc?: (how: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;
}

function ownMemory(): ProcessMemory {
  return {
    usedMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    giveBack: () => {
      (globalThis as Collecting).gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
      trimAllocator();
    },
  };
}

const TRIM = { malloc_trim: { parameters: ["usize"], result: "i32" } } as const;

/** What the parser of scripts freed lies in the allocator of the C library, if it is glibc, until it is told. */
function trimAllocator(): void {
  if (Deno.build.os !== "linux") return;
  try {
    const library = Deno.dlopen("libc.so.6", TRIM);
    library.symbols.malloc_trim(0n);
    library.close();
  } catch {
    // Another C library: it keeps what it keeps.
  }
}
