// The processes of all sessions of one data directory: followed while they run, found again after a crash.

import type { ProcessEntry, ProcessSource } from "./process_source.ts";
import { findByCookie, processSourceFor, ProcessTree, SESSION_COOKIE_VARIABLE } from "./process_tree.ts";

/** How long survivors may take to leave by themselves. */
const TERMINATE_TIMEOUT_MS = 2000;
/** Trees that are looked at together share one process list this long. */
const LIST_LIFETIME_MS = 200;

/** A process of an earlier run. */
export interface Survivor {
  pid: number;
  startTime: string;
  startedAtMs: number;
  command: string;
  session: string;
}

/** What tells a session's processes from all others; give `mark` to its program's environment. */
export class Processes {
  readonly #prefix: string;
  readonly #source: ProcessSource;
  readonly #now: () => number;
  #list: { processes: ProcessEntry[]; atMs: number } | undefined;

  constructor(options: { dataDirectoryId: string; source: ProcessSource; now: () => number }) {
    this.#prefix = `${options.dataDirectoryId}:`;
    this.#source = options.source;
    this.#now = options.now;
  }

  /** Variables that mark a session's processes. */
  mark(session: string): Record<string, string> {
    return { [SESSION_COOKIE_VARIABLE]: this.#prefix + session };
  }

  /** Follows a session from its start; its `scan` should be called about every second. */
  track(leader: { pid: number; session: string; ownsTerminal?: () => boolean }): TrackedProcesses {
    const { pid: leaderPid, session, ...rest } = leader;
    const tree = new ProcessTree({
      ...rest,
      leaderPid,
      cookie: this.#prefix + session,
      source: this.#source,
    });
    return new TrackedProcesses(tree, () => this.#sharedList());
  }

  /** What earlier and present sessions of this data directory have running. Linux only. */
  find(): Survivor[] {
    return findByCookie(this.#prefix, this.#source).map((
      { pid, startTime, startedAtMs, command, cookie },
    ) => ({
      pid,
      startTime: String(startTime),
      startedAtMs,
      command,
      session: cookie.slice(this.#prefix.length),
    }));
  }

  /** Asks found processes and their descendants to leave, then kills them; resolves to the pids that are gone. */
  async end(survivors: Pick<Survivor, "pid" | "startTime">[]): Promise<number[]> {
    const members = survivors.map(({ pid, startTime }) => ({ pid, startTime: Number(startTime) }));
    const tree = new ProcessTree({ members, source: this.#source });
    tree.signal("SIGTERM");
    tree.signal("SIGCONT");
    const left = await tree.isGoneWithin(TERMINATE_TIMEOUT_MS) ? [] : await tree.freezeAndKill();
    const leftPids = new Set(left.map(({ pid }) => pid));
    return survivors.map(({ pid }) => pid).filter((pid) => !leftPids.has(pid));
  }

  #sharedList(): ProcessEntry[] {
    const nowMs = this.#now();
    if (this.#list === undefined || nowMs - this.#list.atMs > LIST_LIFETIME_MS) {
      this.#list = { processes: this.#source.list(), atMs: nowMs };
    }
    return this.#list.processes;
  }
}

/** The processes of one session. */
export class TrackedProcesses {
  readonly #tree: ProcessTree;
  readonly #list: () => ProcessEntry[];

  constructor(tree: ProcessTree, list: () => ProcessEntry[]) {
    this.#tree = tree;
    this.#list = list;
  }

  /** How many are alive, remembering them. Cheap while there are any; zero is believed only after a full search. */
  scan(): number {
    return this.#tree.observe(this.#list()).length || this.#tree.scan().length;
  }

  /** Signals all of them; returns how many it reached. */
  signal(name: Deno.Signal): number {
    return this.#tree.signal(name);
  }

  /** Kills all of them, none of which can get away; resolves to how many could not be ended. */
  async kill(): Promise<number> {
    return (await this.#tree.freezeAndKill()).length;
  }
}

/** The processes of a data directory on this machine. */
export function createProcesses(dataDirectoryId: string): Processes {
  return new Processes({
    dataDirectoryId,
    source: processSourceFor(Deno.build.os),
    now: () => performance.now(),
  });
}
