// A process list made up by a test; signals are noted, not sent.

import type { ProcessEntry, ProcessInfo, ProcessSource } from "../process_source.ts";

export class FakeProcesses implements ProcessSource {
  entries: ProcessEntry[] = [];
  environments = new Map<number, Record<string, string>>();

  /** A process that started at its own pid unless said otherwise. */
  add(entry: Partial<ProcessEntry> & { pid: number }): ProcessEntry {
    const whole = {
      parentPid: 1,
      groupId: entry.pid,
      sessionLeaderPid: entry.pid,
      terminal: "",
      startTime: entry.pid,
      ...entry,
    };
    this.entries.push(whole);
    return whole;
  }

  remove(pid: number): void {
    this.entries = this.entries.filter((entry) => entry.pid !== pid);
  }

  list(): ProcessEntry[] {
    return [...this.entries];
  }

  isAlive({ pid, startTime }: ProcessEntry): boolean {
    return this.entries.some((entry) => entry.pid === pid && entry.startTime === startTime);
  }

  environmentValue(pid: number, variable: string): string | undefined {
    return this.environments.get(pid)?.[variable];
  }

  describe(entry: ProcessEntry): ProcessInfo {
    return { ...entry, startedAtMs: entry.startTime, command: `program ${entry.pid}` };
  }
}
