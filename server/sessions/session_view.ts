// A stored session and what only memory knows of it, as the page sees it.
import type { SessionMoney } from "../money/session_money.ts";
import type { Activity, ChangeTotals, HoldView, ResumeView, SessionView, StopProgress } from "../protocol.ts";
import type { SessionRow } from "../store/sessions.ts";
import { chosenUpstreamOf } from "./chosen_upstream.ts";

/** What changes too often to be stored. */
export interface LiveState {
  activity: Activity;
  /** What the agent asks, while it needs the user. */
  question: string | undefined;
  paused: boolean;
  /** Why a call of its waits at a limit. */
  hold: HoldView | undefined;
  recordedBytes: number;
  stop?: StopProgress;
}

export function viewSession(
  row: SessionRow,
  { live, money, changes }: {
    live: LiveState | undefined;
    money: SessionMoney;
    changes: ChangeTotals | undefined;
  },
): SessionView {
  return withoutMissing({
    ...money,
    id: row.id,
    conversationId: row.conversationId,
    revision: row.revision,
    kind: row.kind,
    title: row.title ?? undefined,
    aiTitle: row.aiTitle ?? undefined,
    command: row.command,
    cwd: row.cwd,
    repository: row.repositoryRoot === null ? undefined : withoutMissing({
      root: row.repositoryRoot,
      name: row.repositoryName ?? row.repositoryRoot,
      branch: row.branch ?? undefined,
    }),
    lifecycle: row.lifecycle,
    endReason: row.endReason ?? undefined,
    exitCode: row.exitCode ?? undefined,
    exitSignal: row.exitSignal ?? undefined,
    failure: row.failure ?? undefined,
    activity: live?.activity ?? "unknown",
    held: live?.hold !== undefined,
    hold: live?.hold,
    atLimit: row.gateway === null ? undefined : row.atLimit,
    upstream: chosenUpstreamOf(row),
    paused: live?.paused ?? false,
    stop: live?.stop,
    pid: row.pid ?? undefined,
    cols: row.cols,
    rows: row.rows,
    createdAtMs: row.createdAtMs,
    startedAtMs: row.startedAtMs ?? undefined,
    endedAtMs: row.endedAtMs ?? undefined,
    recordedBytes: live?.recordedBytes ?? row.recordedBytes,
    question: live?.activity === "needs_you" ? live.question : undefined,
    resume: resumeOf(row),
    resumedFrom: row.resumedFrom ?? undefined,
    changes,
  });
}

function resumeOf(row: SessionRow): ResumeView | undefined {
  if (row.agentSessionId === null || row.resumeCommand === null) return undefined;
  return {
    agentSessionId: row.agentSessionId,
    command: row.resumeCommand,
    confirmed: row.resumeConfirmed === 1,
  };
}

type Optional<Shape> =
  & {
    [Key in keyof Shape as undefined extends Shape[Key] ? never : Key]: Shape[Key];
  }
  & { [Key in keyof Shape as undefined extends Shape[Key] ? Key : never]?: Exclude<Shape[Key], undefined> };

/** JSON leaves undefined out anyway; the types want it said. */
function withoutMissing<Shape extends object>(value: Shape): Optional<Shape> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Optional<
    Shape
  >;
}
