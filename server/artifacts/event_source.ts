// What happened in a session, as artifacts: markers, its end, budgets, notices of programs, and what was typed.
import type { ArtifactKind, EndReason, SessionEvent } from "../protocol.ts";
import type { EventEntry, EventTable } from "../store/events.ts";
import type { ArtifactSource, SourceDetail, SourceItem, SourceWish } from "./artifact_list.ts";
import { readInput } from "./typed_input.ts";

type EventKind = SessionEvent["kind"];
/** Part of something else: of a stop, of the resume command. */
type HiddenKind = "stop_step" | "resume_captured";

const HIDDEN: readonly HiddenKind[] = ["stop_step", "resume_captured"];

const KINDS: Record<Exclude<EventKind, HiddenKind>, { kind: ArtifactKind; title: string }> = {
  started: { kind: "marker", title: "Started" },
  user_interrupt: { kind: "marker", title: "Interrupted" },
  user_pause: { kind: "marker", title: "Paused by you" },
  user_continue: { kind: "marker", title: "Continued by you" },
  recording_gap: { kind: "marker", title: "Gap in the recording" },
  stop_requested: { kind: "end", title: "Stop" },
  user_exit: { kind: "end", title: "Left by the user" },
  process_exit: { kind: "end", title: "Program ended" },
  crash_recovery: { kind: "end", title: "Cut off" },
  survivors_ended: { kind: "end", title: "Left-over processes ended" },
  unseen_answer: { kind: "marker", title: "Interrupted answer, not counted" },
  budget_warning: { kind: "budget", title: "Budget warning" },
  budget_exceeded: { kind: "budget", title: "Budget used up" },
  budget_changed: { kind: "budget", title: "Budget changed" },
  budget_hold: { kind: "budget", title: "Held at a limit" },
  budget_hold_ended: { kind: "budget", title: "Hold ended" },
  files_reverted: { kind: "revert", title: "Files reverted" },
  notification: { kind: "notification", title: "Notification" },
  notices_dropped: { kind: "notification", title: "Flood of notices" },
  clipboard: { kind: "clipboard", title: "Clipboard write, not done" },
  input: { kind: "input", title: "Typed" },
};

const STOP_CAUSES: Partial<Record<EndReason, string>> = {
  user_stop: "You stopped it",
  budget: "A budget was used up",
  idle_timeout: "Nothing happened for too long",
};
const STEPS: Record<string, string> = {
  asked: "asked to leave",
  hang_up: "hung up",
  terminate: "terminated",
  kill: "killed",
};

export class EventSource implements ArtifactSource {
  readonly name = "event";
  readonly kinds: readonly ArtifactKind[] = [...new Set(Object.values(KINDS).map(({ kind }) => kind))];
  readonly #events: EventTable;

  constructor(events: EventTable) {
    this.#events = events;
  }

  list(sessionId: string, { kinds, ...wish }: SourceWish): SourceItem[] {
    const names = kinds &&
      Object.entries(KINDS).flatMap(([name, { kind }]) => kinds.includes(kind) ? [name] : []);
    const entries = this.#events.listByTime(sessionId, {
      ...wish,
      without: HIDDEN,
      ...(names ? { kinds: names } : {}),
    });
    return entries.map(viewEntry);
  }

  get(sessionId: string, number: number): SourceDetail | undefined {
    const entry = this.#events.getEntry(sessionId, number);
    if (!entry || HIDDEN.some((kind) => kind === entry.kind)) return undefined;
    const item = viewEntry(entry);
    const steps = entry.kind === "stop_requested" ? this.#events.listKind(sessionId, "stop_step") : [];
    return {
      ...item,
      content: item.text,
      facts: steps.filter(({ id }) => id > entry.id).map((step) => ({
        name: STEPS[step.text] ?? step.text,
        value: `after ${((step.atMs - entry.atMs) / 1000).toFixed(1)} s`,
      })),
    };
  }
}

function viewEntry({ id, atMs, kind, offset, text }: EventEntry): SourceItem {
  const { title, ...rest } = KINDS[kind as Exclude<EventKind, HiddenKind>];
  const item = { number: id, atMs, offset, ...rest };
  if (kind === "input") return { ...item, ...readInput(text) };
  if (kind === "stop_requested") return { ...item, title, text: STOP_CAUSES[text as EndReason] ?? text };
  return { ...item, title, text };
}
