// Reads the status word of waitpid.

import { constants } from "node:os";

/** How a process ended: exactly one of them, neither when the system would not say. */
export interface ExitStatus {
  code?: number;
  /** Such as "SIGKILL". */
  signal?: string;
}

/** The status as both Linux and macOS encode it. */
export function parseExitStatus(status: number): ExitStatus {
  const signal = status & 0x7f;
  return signal === 0 ? { code: (status >> 8) & 0xff } : { signal: signalName(signal) };
}

function signalName(number: number): string {
  const known = Object.entries(constants.signals).find(([, value]) => value === number);
  return known?.[0] ?? `SIG${number}`;
}
