// Finds every process of a session, wherever it went, and ends them without hitting anybody else.

import { DarwinProcesses } from "./darwin_processes.ts";
import { LinuxProcesses } from "./linux_processes.ts";
import type { ProcessEntry, ProcessInfo, ProcessSource } from "./process_source.ts";

/** Environment variable by which a session's processes are found again; its value is `<data directory>:<session>`. */
export const SESSION_COOKIE_VARIABLE = "AGENTS_FLEET_SESSION";

/** A process that stops no more than this often while its tree is frozen is being outrun. */
const MAX_FREEZE_PASSES = 50;
const NO_PID = -1;
const EMPTY_SCANS_TO_BELIEVE = 2;
const KILL_TIMEOUT_MS = 2000;
const KILL_INTERVAL_MS = 5;
const LOOK_INTERVAL_MS = 50;

export interface ProcessTreeOptions {
  /** Whose group and session are followed; it must be alive now. */
  leaderPid?: number;
  /** Followed from the start, as far as they are still alive. */
  members?: Pick<ProcessEntry, "pid" | "startTime">[];
  /** Value of the cookie variable; found on Linux only. */
  cookie?: string;
  /** Whether the session's terminal is still open here; once closed, its name may become another session's. */
  ownsTerminal?: () => boolean;
  source?: ProcessSource;
}

/**
 * The processes of one session: the leader's group and session, holders of its terminal, bearers of its cookie and
 * all descendants of these. It remembers whom it saw, so `observe` about once a second finds also those who later
 * leave their parents, terminal and environment behind.
 */
export class ProcessTree {
  readonly #leaderPid: number;
  readonly #cookie: string | undefined;
  readonly #ownsTerminal: () => boolean;
  readonly #source: ProcessSource;
  /** Start times of members by pid. */
  #seen: Map<number, number>;
  #leaderStartTime: number | undefined;
  #terminal = "";
  /** Whether the leader's pid still means this session's group and session. */
  #numbersAreOurs: boolean;

  constructor(options: ProcessTreeOptions) {
    this.#leaderPid = options.leaderPid ?? NO_PID;
    this.#numbersAreOurs = options.leaderPid !== undefined;
    this.#seen = new Map(options.members?.map(({ pid, startTime }) => [pid, startTime]));
    this.#cookie = options.cookie;
    this.#ownsTerminal = options.ownsTerminal ?? (() => false);
    this.#source = options.source ?? processSourceFor(Deno.build.os);
    this.observe();
  }

  /** Living members as far as the process list tells; several trees can share one list. */
  observe(processes: ProcessEntry[] = this.#source.list()): ProcessEntry[] {
    return this.#update(processes, () => false);
  }

  /** Living members, searched by every means there is: reads every environment, so not for each second. */
  scan(): ProcessInfo[] {
    return this.#search().map((entry) => this.#source.describe(entry));
  }

  /** Sends a signal to every living member; returns how many it reached. */
  signal(name: Deno.Signal): number {
    return this.#send(this.#search(), name);
  }

  /** Whether no member is left before the time is over. */
  async isGoneWithin(timeoutMs: number): Promise<boolean> {
    const deadlineMs = performance.now() + timeoutMs;
    while (this.#search().length > 0) {
      if (performance.now() >= deadlineMs) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
    }
    return true;
  }

  /** Stops all members so that none can fork, kills them, and looks again; returns who is left after 2 s. */
  async freezeAndKill(): Promise<ProcessInfo[]> {
    const deadlineMs = performance.now() + KILL_TIMEOUT_MS;
    let emptyScans = 0;
    while (emptyScans < EMPTY_SCANS_TO_BELIEVE && performance.now() < deadlineMs) {
      const frozen = this.#freeze();
      this.#send(frozen, "SIGKILL");
      emptyScans = frozen.length === 0 ? emptyScans + 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, KILL_INTERVAL_MS));
    }
    return this.scan();
  }

  #freeze(): ProcessEntry[] {
    const stopped = new Set<string>();
    let members: ProcessEntry[] = [];
    for (let pass = 0; pass < MAX_FREEZE_PASSES; pass++) {
      members = this.#search();
      const running = members.filter((entry) => !stopped.has(nameOf(entry)));
      if (running.length === 0) break;
      this.#send(running, "SIGSTOP");
      for (const entry of running) stopped.add(nameOf(entry));
    }
    return members;
  }

  #search(): ProcessEntry[] {
    const { pid: self } = Deno;
    const hasCookie = ({ pid }: ProcessEntry): boolean =>
      pid !== self && this.#source.environmentValue(pid, SESSION_COOKIE_VARIABLE) === this.#cookie;
    return this.#update(this.#source.list(), this.#cookie === undefined ? () => false : hasCookie);
  }

  #update(processes: ProcessEntry[], hasCookie: (entry: ProcessEntry) => boolean): ProcessEntry[] {
    const others = processes.filter(({ pid }) => pid !== Deno.pid && pid > 1);
    this.#meetLeader(others);
    const roots = others.filter((entry) => this.#belongs(entry) || hasCookie(entry));
    const members = withDescendants(roots, others);
    this.#seen = new Map(members.map(({ pid, startTime }) => [pid, startTime]));
    return members;
  }

  /** Numbers of a session that has ended are given to strangers: notice it before they count. */
  #meetLeader(processes: ProcessEntry[]): void {
    const leader = processes.find(({ pid }) => pid === this.#leaderPid);
    if (leader !== undefined) {
      this.#leaderStartTime ??= leader.startTime;
      if (leader.startTime !== this.#leaderStartTime) this.#numbersAreOurs = false;
      else if (leader.terminal !== "") this.#terminal = leader.terminal;
    } else if (!processes.some((entry) => this.#hasNumber(entry))) {
      this.#numbersAreOurs = false;
    }
  }

  #belongs(entry: ProcessEntry): boolean {
    if (this.#seen.get(entry.pid) === entry.startTime) return true;
    if (this.#numbersAreOurs && this.#hasNumber(entry)) return true;
    return this.#terminal !== "" && entry.terminal === this.#terminal && this.#ownsTerminal();
  }

  #hasNumber({ groupId, sessionLeaderPid }: ProcessEntry): boolean {
    return groupId === this.#leaderPid || sessionLeaderPid === this.#leaderPid;
  }

  #send(entries: ProcessEntry[], signal: Deno.Signal): number {
    return entries.filter((entry) => this.#source.isAlive(entry) && trySignal(entry.pid, signal)).length;
  }
}

/** The source for an operating system as `Deno.build.os` names it. */
export function processSourceFor(os: string): ProcessSource {
  return os === "darwin" ? new DarwinProcesses() : new LinuxProcesses();
}

/** A process found by its cookie. */
export interface CookieBearer extends ProcessInfo {
  cookie: string;
}

/** Every process whose cookie starts so: with `<data directory>:`, what an earlier run has left behind. Linux only. */
export function findByCookie(
  prefix: string,
  source: ProcessSource = processSourceFor(Deno.build.os),
): CookieBearer[] {
  return source.list().flatMap((entry) => {
    const cookie = source.environmentValue(entry.pid, SESSION_COOKIE_VARIABLE);
    if (entry.pid === Deno.pid || !cookie?.startsWith(prefix)) return [];
    return [{ ...source.describe(entry), cookie }];
  });
}

function withDescendants(roots: ProcessEntry[], processes: ProcessEntry[]): ProcessEntry[] {
  const children = Map.groupBy(processes, ({ parentPid }) => parentPid);
  const members = new Set(roots);
  // A set visits what is added while it is walked.
  for (const member of members) {
    for (const child of children.get(member.pid) ?? []) members.add(child);
  }
  return [...members];
}

function nameOf({ pid, startTime }: ProcessEntry): string {
  return `${pid}@${startTime}`;
}

/** False for a process that has just gone and for one that is not ours to signal. */
function trySignal(pid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(pid, signal);
    return true;
  } catch (error) {
    const expected = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied;
    if (!expected) throw error;
    return false;
  }
}
