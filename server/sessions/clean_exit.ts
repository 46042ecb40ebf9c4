// Asks an agent to leave the way it leaves by itself, so that it saves its conversation and prints how to resume it.
import type { Clock } from "../clock.ts";

/** What asking needs of the session. */
export interface LeavingSession {
  type(text: string): Promise<unknown>;
  /** Signals the agent itself, not its children. */
  signalLeader(signal: Deno.Signal): Promise<unknown>;
  hasEnded(): boolean;
}

export interface CleanExitOptions extends Pick<Clock, "now" | "wait"> {
  kind: "claude" | "codex";
  session: LeavingSession;
}

type Step = { atMs: number } & ({ type: string } | { signal: Deno.Signal });

const CTRL_C = "\x03";
/** The whole attempt; after it the tree is ended whatever it says. */
const PATIENCE_MS = 5000;
const LOOK_EVERY_MS = 50;

/**
 * By measurement: Ctrl-C drops the answer under way, so nothing more is paid for; `/exit` works at rest and at work;
 * SIGTERM makes Claude leave with its hint where keys do not reach it. Codex dies of signals without a hint. A burst
 * that ends in Enter is a paste to Codex, so its Enter comes apart.
 */
const STEPS: Record<CleanExitOptions["kind"], Step[]> = {
  claude: [
    { atMs: 0, type: CTRL_C },
    { atMs: 500, type: "/exit\r" },
    { atMs: 3000, signal: "SIGTERM" },
  ],
  codex: [
    { atMs: 0, type: CTRL_C },
    { atMs: 400, type: CTRL_C },
    { atMs: 1300, type: "/quit" },
    { atMs: 1900, type: "\r" },
  ],
};

/** Resolves when the agent has left, true, or when it does not, false. */
export async function askToLeave({ kind, session, now, wait }: CleanExitOptions): Promise<boolean> {
  const startedAtMs = now();
  const until = async (atMs: number): Promise<void> => {
    while (!session.hasEnded() && now() - startedAtMs < atMs) await wait(LOOK_EVERY_MS);
  };
  for (const step of STEPS[kind]) {
    await until(step.atMs);
    if (session.hasEnded()) return true;
    if ("type" in step) await session.type(step.type);
    else await session.signalLeader(step.signal);
  }
  await until(PATIENCE_MS);
  return session.hasEnded();
}
