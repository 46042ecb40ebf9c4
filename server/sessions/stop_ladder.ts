// Ends every process of a session, politely first. From the first signal to none left takes at most 10 s.
import type { Clock } from "../clock.ts";
import type { StopProgress } from "../protocol.ts";

/** What the ladder needs of the holder, for one session. */
export interface StoppableSession {
  /** Signals every process of the session. */
  signalTree(signal: Deno.Signal): Promise<unknown>;
  /** Freezes and kills what is left; answers how many survive. */
  killTree(): Promise<number>;
  countProcesses(): Promise<number>;
}

export interface StopLadderOptions extends Pick<Clock, "now" | "wait"> {
  session: StoppableSession;
  onProgress: (progress: StopProgress) => void;
  /** When the stop began, if that was before. */
  startedAtMs?: number;
  /** Half of the time went into asking: the steps are shorter. */
  isHurried?: boolean;
}

interface Step {
  name: StopProgress["step"];
  signals: Deno.Signal[];
  patienceMs: number;
  hurriedMs: number;
}

/** `spec/security.md` 5.2: a shell leaves on HUP, a stopped program needs CONT to notice it. */
const STEPS: Step[] = [
  { name: "hang_up", signals: ["SIGHUP", "SIGCONT"], patienceMs: 2500, hurriedMs: 1000 },
  { name: "terminate", signals: ["SIGTERM", "SIGCONT"], patienceMs: 3000, hurriedMs: 1500 },
];
/** The whole ladder, killing included. */
export const STOP_DEADLINE_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** Resolves with the number of processes that could not be ended: 0 unless the system refuses. */
export async function runStopLadder(options: StopLadderOptions): Promise<number> {
  const startedAtMs = options.startedAtMs ?? options.now();
  const deadlineAtMs = startedAtMs + STOP_DEADLINE_MS;
  let remaining = await options.session.countProcesses();
  const tell = (step: StopProgress["step"]): void =>
    options.onProgress({ step, startedAtMs, deadlineAtMs, remaining });
  for (const { name, signals, patienceMs, hurriedMs } of STEPS) {
    if (remaining === 0) return 0;
    tell(name);
    for (const signal of signals) await options.session.signalTree(signal);
    const giveUpAtMs = options.now() + (options.isHurried ? hurriedMs : patienceMs);
    while (remaining > 0 && options.now() < giveUpAtMs) {
      await options.wait(LOOK_EVERY_MS);
      const before = remaining;
      remaining = await options.session.countProcesses();
      if (remaining !== before) tell(name);
    }
  }
  if (remaining === 0) return 0;
  tell("kill");
  return await options.session.killTree();
}
