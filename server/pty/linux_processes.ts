// Processes as Linux shows them in /proc, read without starting any.

import type { ProcessEntry, ProcessInfo, ProcessSource } from "./process_source.ts";

/** The kernel counts start times in this unit on every architecture we run on. */
const MS_PER_TICK = 10;

export class LinuxProcesses implements ProcessSource {
  list(): ProcessEntry[] {
    const entries: ProcessEntry[] = [];
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!isNumber(name)) continue;
      const entry = readEntry(name);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  isAlive(entry: ProcessEntry): boolean {
    return readEntry(String(entry.pid))?.startTime === entry.startTime;
  }

  environmentValue(pid: number, variable: string): string | undefined {
    const environment = readProc(`${pid}/environ`);
    return environment === undefined ? undefined : parseEnvironment(environment, variable);
  }

  describe(entry: ProcessEntry): ProcessInfo {
    const line = readProc(`${entry.pid}/cmdline`)?.split("\0").join(" ").trim();
    const command = line || `[${readProc(`${entry.pid}/comm`)?.trim() ?? "gone"}]`;
    return { ...entry, command, startedAtMs: bootedAtMs() + entry.startTime * MS_PER_TICK };
  }
}

/** Reads a line of /proc/PID/stat; undefined for what has died, reaped or not. */
export function parseStat(stat: string): ProcessEntry | undefined {
  // The name comes second, in parentheses, and may itself contain them.
  const nameEnd = stat.lastIndexOf(")");
  const pid = Number.parseInt(stat, 10);
  const [state, ...numbers] = stat.slice(nameEnd + 2).split(" ");
  const [parentPid, groupId, sessionLeaderPid, terminal] = numbers.map(Number);
  const threads = Number(numbers[16]);
  const startTime = Number(numbers[18]);
  if (nameEnd < 0 || Number.isNaN(startTime)) return undefined;
  // A program whose first thread has ended looks dead, but its other threads run on.
  if ((state === "Z" || state === "X") && !(threads > 1)) return undefined;
  return {
    pid,
    parentPid: parentPid ?? 0,
    groupId: groupId ?? 0,
    sessionLeaderPid: sessionLeaderPid ?? 0,
    terminal: terminal ? String(terminal) : "",
    startTime,
  };
}

/** Finds a variable in NUL separated `NAME=value` entries. */
export function parseEnvironment(environment: string, variable: string): string | undefined {
  const start = `${variable}=`;
  return environment.split("\0").find((entry) => entry.startsWith(start))?.slice(start.length);
}

function readEntry(pid: string): ProcessEntry | undefined {
  const stat = readProc(`${pid}/stat`);
  return stat === undefined ? undefined : parseStat(stat);
}

function readProc(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(`/proc/${path}`);
  } catch {
    // Gone since it was listed, or another user's: both mean that there is nothing to know.
    return undefined;
  }
}

function bootedAtMs(): number {
  const uptimeSeconds = Number.parseFloat(readProc("uptime") ?? "0");
  return Date.now() - Math.round(uptimeSeconds * 1000);
}

function isNumber(name: string): boolean {
  const first = name.charCodeAt(0);
  return first >= 48 && first <= 57;
}
