// Processes as macOS shows them: one run of `ps` per listing. From its manual; not tried on a Mac yet.

import { DARWIN } from "./constants.ts";
import type { ProcessEntry, ProcessInfo, ProcessSource } from "./process_source.ts";

const FIELDS = "pid=,ppid=,pgid=,stat=,tty=,lstart=,command=";
/** pid, parent, group, state, terminal, start as `Sat Nov 22 14:14:00 2025`, command. */
const LINE = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s*(.*)$/;

/** Environments of other processes are hidden there, so that nothing is ever found by its variables. */
export class DarwinProcesses implements ProcessSource {
  readonly #readList: () => string;
  readonly #sessionOf: (pid: number) => number;
  readonly #commands = new Map<number, string>();

  constructor(options: { readList?: () => string; sessionOf?: (pid: number) => number } = {}) {
    this.#readList = options.readList ?? runPs;
    this.#sessionOf = options.sessionOf ?? openGetsid();
  }

  list(): ProcessEntry[] {
    const entries: ProcessEntry[] = [];
    this.#commands.clear();
    for (const line of this.#readList().split("\n")) {
      const parsed = parsePsLine(line);
      if (parsed === undefined) continue;
      const { command, ...entry } = parsed;
      this.#commands.set(entry.pid, command);
      entries.push({ ...entry, sessionLeaderPid: Math.max(0, this.#sessionOf(entry.pid)) });
    }
    return entries;
  }

  /** The listing is the proof: another `ps` for each signal would take longer than it makes safer. */
  isAlive(): boolean {
    return true;
  }

  environmentValue(): undefined {
    return undefined;
  }

  describe(entry: ProcessEntry): ProcessInfo {
    return { ...entry, startedAtMs: entry.startTime, command: this.#commands.get(entry.pid) ?? "[gone]" };
  }
}

/** Reads a line of `ps`; undefined for what has died and for anything else. */
export function parsePsLine(line: string): ProcessEntry & { command: string } | undefined {
  const [, pid, parentPid, groupId, state = "Z", terminal = "", start = "", command = ""] = LINE.exec(line) ??
    [];
  const startTime = Date.parse(start);
  if (pid === undefined || state.startsWith("Z") || Number.isNaN(startTime)) return undefined;
  return {
    pid: Number(pid),
    parentPid: Number(parentPid),
    groupId: Number(groupId),
    sessionLeaderPid: 0,
    terminal: terminal.startsWith("?") ? "" : terminal,
    startTime,
    command,
  };
}

function runPs(): string {
  const { stdout } = new Deno.Command("/bin/ps", {
    args: ["-axww", "-o", FIELDS],
    env: { LC_ALL: "C" },
    stderr: "null",
  }).outputSync();
  return new TextDecoder().decode(stdout);
}

/** `ps` prints no usable session there, the C library does; it stays open as long as the process runs. */
function openGetsid(): (pid: number) => number {
  const [path = ""] = DARWIN.libraries;
  const library = Deno.dlopen(path, { getsid: { parameters: ["i32"], result: "i32" } });
  return (pid) => library.symbols.getsid(pid);
}
