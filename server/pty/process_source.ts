// What can be asked about the processes of this machine.

/** One living process. `pid` and `startTime` together name it for as long as the machine is up. */
export interface ProcessEntry {
  pid: number;
  parentPid: number;
  groupId: number;
  /** Pid of the session's leader, who may be gone; 0 when unknown. */
  sessionLeaderPid: number;
  /** The controlling terminal as the system names it, empty without one. */
  terminal: string;
  /** In the system's own unit, only good for comparing. */
  startTime: number;
}

export interface ProcessInfo extends ProcessEntry {
  startedAtMs: number;
  /** The command line, or the name in brackets when it is hidden. */
  command: string;
}

export interface ProcessSource {
  /** Everything alive; a process that only waits to be reaped is not. */
  list(): ProcessEntry[];
  /** Whether this very process still exists; the answer that a signal is sent on. */
  isAlive(entry: ProcessEntry): boolean;
  /** Value of a variable in the environment the process was started with; undefined when unset or not visible. */
  environmentValue(pid: number, variable: string): string | undefined;
  describe(entry: ProcessEntry): ProcessInfo;
}
