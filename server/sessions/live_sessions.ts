// What only memory knows of each session, kept up with what is said of it, and how listeners are told.
import type { Clock } from "../clock.ts";
import type { HolderEvent, RunningSession } from "../holder/api.ts";
import type { MoneyDesk } from "../money/money_desk.ts";
import type { Activity, ChangeTotals, SessionView } from "../protocol.ts";
import type { SessionRow, SessionTable } from "../store/sessions.ts";
import { Attention } from "./attention.ts";
import type { PatientWriter } from "./patient_writer.ts";
import { type LiveState, viewSession } from "./session_view.ts";

/** What listeners are told; safe to receive twice. */
export type SessionChange =
  | { type: "session"; session: SessionView }
  | { type: "session_deleted"; sessionId: string }
  /** Its history has grown. */
  | { type: "artifact"; sessionId: string };

export interface LiveSessionsOptions extends Pick<Clock, "now" | "later"> {
  table: Pick<SessionTable, "get">;
  writer: PatientWriter;
  money: Pick<MoneyDesk, "describe">;
  /** What a session changed in its work tree, as far as that is known. */
  changesOf: (id: string) => ChangeTotals | undefined;
  /** A session wants its user. */
  onNeedsYou: (session: SessionRow, question: string | undefined) => void;
}

const NEW_LIVE: LiveState = {
  activity: "unknown",
  question: undefined,
  paused: false,
  hold: undefined,
  recordedBytes: 0,
};

export class LiveSessions {
  readonly #options: LiveSessionsOptions;
  readonly #live = new Map<string, LiveState>();
  readonly #listeners = new Set<(change: SessionChange) => void>();
  readonly #attention: Attention;

  constructor(options: LiveSessionsOptions) {
    this.#options = options;
    this.#attention = new Attention({
      ...options,
      onChange: (id, said) => this.update(id, said),
      onNeedsYou: (id, question) => this.#tellNeedsYou(id, question),
    });
  }

  /** Calls back after every change; the answer ends it. */
  onChange(listener: (change: SessionChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Undefined for a session that is over, or was never seen. */
  get(id: string): Readonly<LiveState> | undefined {
    return this.#live.get(id);
  }

  isPaused(id: string): boolean {
    return this.#live.get(id)?.paused ?? false;
  }

  /** Takes up a session that is about to start. */
  add(id: string): void {
    this.#live.set(id, { ...NEW_LIVE });
  }

  /** Takes up a session that runs already; nobody is told. */
  adopt(id: string, { paused, offset, activity = NEW_LIVE.activity, question }: RunningSession): void {
    this.#live.set(id, { ...NEW_LIVE, paused, recordedBytes: offset, activity, question });
    this.#attention.adopt(id, { activity, ...(question === undefined ? {} : { question }) });
  }

  /** Takes what the holder says of a session that goes on. */
  handle(event: HolderEvent): void {
    if (event.type === "grown") this.#noteGrowth(event.session, event.offset);
    else if (event.type === "bell") this.#attention.bell(event.session, event.offset);
    else if (event.type === "paused") this.update(event.session, { paused: event.paused });
    else if (event.type !== "activity") return;
    else if (event.isNotification) this.#attention.notify(event.session, event.question);
    else this.setActivity(event.session, event);
  }

  /** What the agent says it is doing; a question is kept until it does something else. */
  setActivity(id: string, said: { activity: Activity; question?: string }): void {
    if (this.#live.has(id)) this.#attention.report(id, said);
  }

  /** The user has typed into it. */
  noteTyped(id: string): void {
    this.#attention.typed(id);
  }

  /** Changes what is known of a session that is not over, and tells. */
  update(id: string, change: Partial<LiveState>): void {
    const live = this.#live.get(id);
    const row = live && this.#options.table.get(id);
    if (!row || row.lifecycle === "ended") return;
    Object.assign(live, change);
    this.tell(row);
  }

  forget(id: string): void {
    this.#live.delete(id);
    this.#attention.forget(id);
  }

  view(row: SessionRow): SessionView {
    const { money, changesOf } = this.#options;
    const live = this.#live.get(row.id);
    return viewSession(row, { live, money: money.describe(row), changes: changesOf(row.id) });
  }

  /** Tells listeners what a session looks like now. */
  tell(row: SessionRow): SessionView {
    const session = this.view(row);
    this.emit({ type: "session", session });
    return session;
  }

  emit(change: SessionChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** Takes no more notice of bells. */
  close(): void {
    this.#attention.close();
  }

  #noteGrowth(id: string, offset: number): void {
    this.update(id, { recordedBytes: offset });
    this.#attention.grown(id, offset);
  }

  #tellNeedsYou(id: string, question: string | undefined): void {
    const row = this.#options.table.get(id);
    if (row) this.#options.writer.write(() => this.#options.onNeedsYou(row, question));
  }
}
