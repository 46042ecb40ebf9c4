// What a session's state is called and how it is grouped; pure.

import type { SessionKind, SessionView, StopProgress } from "../server/protocol.ts";

export type Tone = "green" | "amber" | "violet" | "red" | "neutral";

export type StatusLabel =
  | "starting"
  | "running"
  | "needs you"
  | "held"
  | "paused"
  | "stopping"
  | "done"
  | "failed"
  | "stopped"
  | "interrupted";

export interface SessionStatus {
  label: StatusLabel;
  tone: Tone;
  /** More about it, e.g. `exit 1` or `SIGKILL`. */
  detail?: string;
}

export type StatusGroup = "needs" | "running" | "ended";

/** The label people read, derived from lifecycle, flags and end reason. */
export function statusOf(session: SessionView): SessionStatus {
  if (session.lifecycle === "ended") return endedStatus(session);
  if (session.lifecycle === "stopping") return { label: "stopping", tone: "amber" };
  if (session.held) return { label: "held", tone: "violet" };
  // What stands still cannot take an answer.
  if (session.paused) return { label: "paused", tone: "violet" };
  if (session.activity === "needs_you") return { label: "needs you", tone: "amber" };
  if (session.lifecycle === "starting") return { label: "starting", tone: "green" };
  return activeStatus(session);
}

/** Running, with what the agent says it is doing, if it says so. */
function activeStatus({ activity }: SessionView): SessionStatus {
  const running = { label: "running", tone: "green" } as const;
  return activity === "working" || activity === "idle" ? { ...running, detail: activity } : running;
}

/** Whether anything of the session may still run. */
export function isLive(session: SessionView): boolean {
  return session.lifecycle !== "ended";
}

/** The part of the list a session belongs to. */
export function groupOf(session: SessionView): StatusGroup {
  if (!isLive(session)) return "ended";
  const label = statusOf(session).label;
  return label === "needs you" || label === "held" ? "needs" : "running";
}

/** Why a session behind the gate is not paused by hand. */
export const NO_PAUSE = "its answer would go on at the provider";

/** Whether it can be paused: what passes the gate is held at its limit instead. */
export function canPause({ lifecycle, metering, paused }: SessionView): boolean {
  return lifecycle === "running" && metering !== "gate" && !paused;
}

const KINDS: Record<SessionKind, string> = { claude: "Claude Code", codex: "Codex", shell: "Shell" };

export function kindName(kind: SessionKind): string {
  return KINDS[kind];
}

type Names = Pick<SessionView, "title" | "aiTitle" | "resumedFrom" | "kind" | "command">;

/** What a session is called: the title its user gave, that of its summary, what was resumed, else its command. */
export function sessionName({ title, aiTitle, resumedFrom, kind, command }: Names): string {
  // A resume's own command is a long id.
  return title ?? aiTitle ?? (resumedFrom === undefined ? command : `${kindName(kind)}, resumed`);
}

/** Whether it is called anything else than its command. */
export function hasTitle({ title, aiTitle, resumedFrom }: Omit<Names, "command" | "kind">): boolean {
  return title !== undefined || aiTitle !== undefined || resumedFrom !== undefined;
}

/** Where it runs: repository and branch, else the directory. */
export function sessionPlace(session: Pick<SessionView, "repository" | "cwd">): string {
  const repository = session.repository;
  if (repository === undefined) return session.cwd;
  return repository.branch === undefined ? repository.name : `${repository.name} · ${repository.branch}`;
}

/** How far a stop is, in words. */
export function stopText(stop: StopProgress): string {
  const steps: Record<StopProgress["step"], string> = {
    asked: "asking it to end",
    hang_up: "hanging up",
    terminate: "terminating",
    kill: "killing",
  };
  const left = stop.remaining === 1 ? "1 process left" : `${stop.remaining} processes left`;
  return `${steps[stop.step]}… ${left}`;
}

function endedStatus(session: SessionView): SessionStatus {
  const how = exitText(session);
  const detail = how === undefined ? {} : { detail: how };
  switch (session.endReason) {
    case "user_stop":
      return { label: "stopped", tone: "neutral" };
    case "budget":
      return { label: "stopped", tone: "neutral", detail: "budget reached" };
    case "idle_timeout":
      return { label: "stopped", tone: "neutral", detail: "idle" };
    case "crash":
      return { label: "interrupted", tone: "red" };
    case "spawn_failed":
      return { label: "failed", tone: "red", detail: "did not start" };
    default:
      return how === undefined
        ? { label: "done", tone: "neutral" }
        : { label: "failed", tone: "red", ...detail };
  }
}

/** How the program ended when it was not a plain success. */
function exitText(session: SessionView): string | undefined {
  if (session.exitSignal !== undefined) return session.exitSignal;
  return session.exitCode === undefined || session.exitCode === 0 ? undefined : `exit ${session.exitCode}`;
}
