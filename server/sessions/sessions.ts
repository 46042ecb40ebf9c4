// All sessions, as the rest of the program asks for them; how they run, live and end is in the files beside.
import type { AgentLauncher } from "../agents/launcher.ts";
import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { HolderApi, HolderEvent } from "../holder/api.ts";
import type { Log } from "../log.ts";
import type { MoneyDesk } from "../money/money_desk.ts";
import type {
  Activity,
  AtLimit,
  ChangeTotals,
  EndReason,
  HoldView,
  LaunchRequest,
  MarkerKind,
  Page,
  ResumeRequest,
  SessionView,
  SurvivorView,
} from "../protocol.ts";
import type { EventTable } from "../store/events.ts";
import type { SessionFilter, SessionRow, SessionTable } from "../store/sessions.ts";
import { chosenUpstreamOf } from "./chosen_upstream.ts";
import { isTyped } from "./input_audit.ts";
import type { LaunchPlanner } from "./launch.ts";
import { LiveSessions, type SessionChange } from "./live_sessions.ts";
import { PatientWriter } from "./patient_writer.ts";
import { Pauses } from "./pauses.ts";
import { resumeCommandOf } from "./resume.ts";
import { SessionEnds } from "./session_ends.ts";
import { SessionHistory } from "./session_history.ts";
import { SessionRuns } from "./session_runs.ts";
import { Starts } from "./starts.ts";
import { Survivors } from "./survivors.ts";

export interface SessionsOptions extends Clock {
  holder: HolderApi;
  table: SessionTable;
  events: EventTable;
  planner: LaunchPlanner;
  launcher: AgentLauncher;
  money: Pick<MoneyDesk, "open" | "changeAbove" | "describe" | "sessionRuns" | "limitsChanged">;
  newId: () => string;
  /** What is to be done right before a program starts; it waits for that, and starts whatever becomes of it. */
  beforeStart: (session: { id: string; cwd: string }) => Promise<void>;
  /** What a session changed in its work tree, as far as that is known. */
  changesOf: (id: string) => ChangeTotals | undefined;
  /** A session wants its user, who is told on every page and later. */
  onNeedsYou: (session: SessionRow, question: string | undefined) => void;
  log: Log;
}

const INTERRUPT_BYTE = 0x03;

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #writer: PatientWriter;
  readonly #live: LiveSessions;
  readonly #history: SessionHistory;
  readonly #ends: SessionEnds;
  readonly #runs: SessionRuns;
  readonly #starts: Starts;
  readonly #pauses: Pauses;
  readonly #survivors: Survivors;
  readonly #inputListeners = new Set<(id: string, bytes: Uint8Array) => void>();

  constructor(options: SessionsOptions) {
    this.#options = options;
    const writer = new PatientWriter({ ...options, onLost: (notes) => this.#history.markLost(notes) });
    const live = new LiveSessions({ ...options, writer });
    const history = new SessionHistory({ ...options, writer, live });
    const ends = new SessionEnds({ ...options, writer, live, history });
    const pauses = new Pauses({ ...options, mark: (id, marker) => history.addMarker(id, marker) });
    const mustGet = (id: string): SessionRow => this.#mustGet(id);
    this.#runs = new SessionRuns({ ...options, writer, live, history, ends, pauses, mustGet });
    this.#starts = new Starts(options);
    this.#survivors = new Survivors({
      ...options,
      addEvent: (id, text) => history.addMarker(id, { kind: "survivors_ended", text }),
    });
    this.#writer = writer;
    this.#live = live;
    this.#history = history;
    this.#ends = ends;
    this.#pauses = pauses;
  }

  /** Calls back after every change; the answer ends it. */
  onChange(listener: (change: SessionChange) => void): () => void {
    return this.#live.onChange(listener);
  }

  /** Calls back with what was typed, unless the terminal was asking for a secret. */
  onInput(listener: (id: string, bytes: Uint8Array) => void): void {
    this.#inputListeners.add(listener);
  }

  /**
   * Starts a session. Throws `invalid` for bad input, `conflict` when its budget is used up; a program that cannot be
   * started makes a session that failed.
   */
  launch(request: LaunchRequest): Promise<SessionView> {
    return this.#runs.start(() => this.#starts.launch(request));
  }

  /**
   * Goes on with an ended session's conversation: same place and options, what is left of its budget. Throws `conflict`
   * where there is nothing to go on with.
   */
  resume(id: string, request: ResumeRequest): Promise<SessionView> {
    return this.#runs.start(() => this.#starts.resume(this.#mustGet(id), request));
  }

  /** The same command in the same place again. */
  relaunch(id: string): Promise<SessionView> {
    const row = this.#mustGet(id);
    const { cwd, command, title, cols, rows, additions, atLimit } = row;
    const upstream = chosenUpstreamOf(row);
    return this.launch({
      ...{ cwd, command, cols, rows, atLimit },
      ...(upstream === undefined ? {} : { upstream }),
      ...(title === null ? {} : { title }),
      ...(additions === null ? {} : { additions: JSON.parse(additions) }),
    });
  }

  get(id: string): SessionView {
    return this.#live.view(this.#mustGet(id));
  }

  list(filter: SessionFilter): Page<SessionView> {
    const page = this.#options.table.list(filter);
    return { ...page, items: page.items.map((row) => this.#live.view(row)) };
  }

  /** Begins to stop a session and answers at once; progress is told as changes. An ended one is answered as it is. */
  stop(id: string, cause: EndReason = "user_stop"): SessionView {
    this.tryStop(id, cause);
    return this.get(id);
  }

  /** Begins to stop a session, or will once it has started; false when it has ended, or is being stopped already. */
  tryStop(id: string, cause: EndReason): boolean {
    return this.#runs.stopOnceStarted(id, cause) ?? this.#ends.tryStop(id, cause);
  }

  /** Lets all processes of a session stand still. Throws `conflict` where that cannot be. */
  async pause(id: string): Promise<SessionView> {
    await this.#pauses.pause(this.#mustGet(id), this.#live.isPaused(id));
    this.#live.update(id, { paused: true });
    return this.get(id);
  }

  /** Lets a paused session go on. Throws `conflict` for one that does not run. */
  async unpause(id: string): Promise<SessionView> {
    await this.#pauses.end(this.#mustGet(id), this.#live.isPaused(id));
    this.#live.update(id, { paused: false });
    return this.get(id);
  }

  /** Stops everything that runs; answers how many. */
  stopAll(cause: EndReason = "user_stop"): number {
    return this.#options.table.listLive().filter(({ id }) => this.tryStop(id, cause)).length;
  }

  /** Resolves when no stop is under way any more. */
  async stopsFinished(): Promise<void> {
    await this.#ends.stopsFinished();
  }

  rename(id: string, title: string | null): SessionView {
    const row = this.#options.table.setTitle(id, title?.trim() || null);
    if (!row) throw this.#notFound(id);
    return this.#live.tell(row);
  }

  /** A model's title; one given by the user stays in front of it. */
  setAiTitle(id: string, aiTitle: string): void {
    const row = this.#options.table.setAiTitle(id, aiTitle);
    if (row) this.#live.tell(row);
  }

  /** Removes an ended session and its recording. Throws `conflict` while it runs. */
  async delete(id: string): Promise<void> {
    const row = this.#mustGet(id);
    if (row.lifecycle !== "ended") {
      throw new AppError("conflict", "Cannot delete a running session: stop it first");
    }
    await this.#options.holder.delete({ session: id });
    this.#options.table.delete(id);
    this.#live.forget(id);
    this.#options.launcher.cleanUp(id);
    this.#live.emit({ type: "session_deleted", sessionId: id });
  }

  /** Types into a session. Throws `unavailable` when the program does not read. */
  async write(id: string, bytes: Uint8Array): Promise<void> {
    const result = await this.#options.holder.write({ session: id, bytes });
    if (!result.accepted) {
      throw new AppError("unavailable", "The program does not read its input: nothing of this was typed");
    }
    this.#history.addInput(id, { bytes, ...result });
    if (isTyped(bytes)) this.#live.noteTyped(id);
    if (!result.hidden) { for (const listener of this.#inputListeners) listener(id, bytes); }
    if (bytes.includes(INTERRUPT_BYTE)) {
      this.addMarker(id, { kind: "user_interrupt", offset: result.offset, text: "Ctrl-C" });
    }
  }

  async resize(id: string, size: { cols: number; rows: number }): Promise<void> {
    await this.#options.holder.resize({ session: id, ...size });
    // The terminal has its size; what is only remembered of it may wait.
    this.#writer.write(() => void this.#options.table.setSize(id, size));
  }

  /** Takes an event of the holder that concerns a session as a whole. */
  handle(event: HolderEvent): void {
    if (event.type === "exit") this.#ends.handleExit(event.exit);
    else this.#live.handle(event);
  }

  /** What the agent says it is doing; a question is kept until it does something else. */
  setActivity(id: string, said: { activity: Activity; question?: string }): void {
    this.#live.setActivity(id, said);
  }

  /** A call of the session waits at a limit, or (undefined) it goes on. */
  setHold(id: string, hold: HoldView | undefined): void {
    this.#live.update(id, { hold });
  }

  /** What a call meets at a limit from now on. */
  setAtLimit(id: string, atLimit: AtLimit): SessionView {
    const row = this.#options.table.setAtLimit(id, atLimit);
    if (!row) throw this.#notFound(id);
    return this.#live.tell(row);
  }

  /** The agent's own name of its conversation; `confirmed` when it printed that itself. */
  setResume(id: string, { agentSessionId, confirmed }: { agentSessionId: string; confirmed: boolean }): void {
    const row = this.#options.table.get(id);
    if (!row || (row.agentSessionId === agentSessionId && Boolean(row.resumeConfirmed) === confirmed)) return;
    const kind = row.kind;
    if (kind === "shell") return;
    const command = resumeCommandOf(row.command, { kind, agentSessionId, launcher: this.#options.launcher });
    const changed = this.#options.table.setResume(id, { agentSessionId, command, confirmed });
    if (!changed) return;
    if (confirmed) this.addMarker(id, { kind: "resume_captured", text: command });
    this.#live.tell(changed);
  }

  /** Tells listeners anew what sessions look like: figures beside them have changed. */
  tellAgain(ids: ReadonlySet<string>): void {
    for (const id of ids) {
      const row = this.#options.table.get(id);
      if (row) this.#live.tell(row);
    }
  }

  /** Notes something in a session's history: where its recording stands now, unless that is known better. */
  addMarker(id: string, marker: { kind: MarkerKind; text: string; offset?: number }): void {
    this.#history.addMarker(id, marker);
  }

  /** Called at start, and when another holder took over: settles what happened while nobody looked. Answers how many sessions were cut off. */
  reconcile(): Promise<number> {
    return this.#runs.reconcile();
  }

  /** Processes of sessions that are over, and are alive all the same. */
  listSurvivors(): Promise<SurvivorView[]> {
    return this.#survivors.list();
  }

  /** Ends survivors by pid; pids that are none of ours are ignored. */
  endSurvivors(pids: number[]): Promise<number[]> {
    return this.#survivors.end(pids);
  }

  /** Notes what is typed but not finished. */
  close(): void {
    this.#live.close();
    this.#history.close();
    this.#writer.close();
  }

  #mustGet(id: string): SessionRow {
    const row = this.#options.table.get(id);
    if (!row) throw this.#notFound(id);
    return row;
  }

  #notFound(id: string): AppError {
    return new AppError("not_found", `Cannot find session "${id}"`);
  }
}
