// All sessions: launches them, follows what the holder says of them, stops them, and tells who listens.
import type { AgentLauncher } from "../agents/launcher.ts";
import { AppError, errorText, isStorageFailure } from "../errors.ts";
import type { HolderApi, HolderEvent, RunningSession, SessionExit, StartFailure } from "../holder/api.ts";
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
import { Attention } from "./attention.ts";
import { chosenUpstreamOf } from "./chosen_upstream.ts";
import { InputAudit, isTyped } from "./input_audit.ts";
import type { LaunchPlanner } from "./launch.ts";
import { PatientWriter } from "./patient_writer.ts";
import { Pauses } from "./pauses.ts";
import { resumeCommandOf } from "./resume.ts";
import { type LiveState, viewSession } from "./session_view.ts";
import { type Start, Starts } from "./starts.ts";
import { Stops } from "./stops.ts";
import { Survivors } from "./survivors.ts";

/** What listeners are told; safe to receive twice. */
export type SessionChange =
  | { type: "session"; session: SessionView }
  | { type: "session_deleted"; sessionId: string }
  /** Its history has grown. */
  | { type: "artifact"; sessionId: string };

export interface SessionsOptions {
  holder: HolderApi;
  table: SessionTable;
  events: EventTable;
  planner: LaunchPlanner;
  launcher: AgentLauncher;
  money: Pick<MoneyDesk, "open" | "changeAbove" | "describe" | "sessionRuns" | "limitsChanged">;
  now: () => number;
  newId: () => string;
  wait: (milliseconds: number) => Promise<void>;
  /** What is to be done right before a program starts; it waits for that, and starts whatever becomes of it. */
  beforeStart: (session: { id: string; cwd: string }) => Promise<void>;
  /** What a session changed in its work tree, as far as that is known. */
  changesOf: (id: string) => ChangeTotals | undefined;
  /** A session wants its user, who is told on every page and later. */
  onNeedsYou: (session: SessionRow, question: string | undefined) => void;
  /** Runs work after a while; the answer takes it back. */
  later: (work: () => void, delayMs: number) => () => void;
  log: Log;
}

const NEW_LIVE: LiveState = {
  activity: "unknown",
  question: undefined,
  paused: false,
  hold: undefined,
  recordedBytes: 0,
};
const INTERRUPT_BYTE = 0x03;
const START_FAILURES: Record<StartFailure, string> = {
  no_directory: "The directory vanished, or may not be entered",
  no_program: "The program is not there, or may not be executed",
};

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #live = new Map<string, LiveState>();
  /** Being started right now: nobody holds them yet. */
  readonly #launching = new Map<string, { stop?: EndReason }>();
  readonly #starts: Starts;
  readonly #stops: Stops;
  readonly #pauses: Pauses;
  readonly #survivors: Survivors;
  readonly #exits = new Map<string, SessionExit>();
  readonly #listeners = new Set<(change: SessionChange) => void>();
  readonly #inputListeners = new Set<(id: string, bytes: Uint8Array) => void>();
  readonly #audit: InputAudit;
  readonly #writer: PatientWriter;
  readonly #attention: Attention;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#writer = new PatientWriter({ ...options, onLost: (notes) => this.#markLost(notes) });
    this.#attention = new Attention({
      ...options,
      onChange: (id, said) => this.#updateLive(id, said),
      onNeedsYou: (id, question) => this.#tellNeedsYou(id, question),
    });
    this.#starts = new Starts(options);
    this.#survivors = new Survivors({
      ...options,
      addEvent: (id, text) => this.addMarker(id, { kind: "survivors_ended", text }),
    });
    this.#pauses = new Pauses({ ...options, mark: (id, marker) => this.addMarker(id, marker) });
    this.#stops = new Stops({
      ...options,
      isPaused: (id) => this.#isPaused(id),
      hasEnded: (id) => this.#exits.has(id),
      onProgress: (id, stop) => {
        if (stop.step !== this.#live.get(id)?.stop?.step) {
          this.addMarker(id, { kind: "stop_step", text: stop.step });
        }
        this.#updateLive(id, { stop });
      },
      onDone: (id) => {
        const exit = this.#exits.get(id);
        if (exit) this.#handleExit(exit);
      },
    });
    this.#audit = new InputAudit(({ session, ...line }) =>
      this.#addEvent(session, { kind: "input", ...line })
    );
  }

  /** Calls back after every change; the answer ends it. */
  onChange(listener: (change: SessionChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
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
    return this.#start(() => this.#starts.launch(request));
  }

  /**
   * Goes on with an ended session's conversation: same place and options, what is left of its budget. Throws `conflict`
   * where there is nothing to go on with.
   */
  resume(id: string, request: ResumeRequest): Promise<SessionView> {
    return this.#start(() => this.#starts.resume(this.#mustGet(id), request));
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
    return this.#view(this.#mustGet(id));
  }

  list(filter: SessionFilter): Page<SessionView> {
    const page = this.#options.table.list(filter);
    return { ...page, items: page.items.map((row) => this.#view(row)) };
  }

  /** Begins to stop a session and answers at once; progress is told as changes. An ended one is answered as it is. */
  stop(id: string, cause: EndReason = "user_stop"): SessionView {
    this.tryStop(id, cause);
    return this.get(id);
  }

  /** Begins to stop a session, or will once it has started; false when it has ended, or is being stopped already. */
  tryStop(id: string, cause: EndReason): boolean {
    const launching = this.#launching.get(id);
    if (launching) {
      const isFirst = launching.stop === undefined;
      launching.stop ??= cause;
      return isFirst;
    }
    const stopping = this.#markStopping(id, cause);
    if (!stopping) return false;
    this.addMarker(id, { kind: "stop_requested", text: cause });
    this.#stops.start(id, stopping.kind);
    this.#tell(stopping);
    return true;
  }

  /** Lets all processes of a session stand still. Throws `conflict` where that cannot be. */
  async pause(id: string): Promise<SessionView> {
    await this.#pauses.pause(this.#mustGet(id), this.#isPaused(id));
    this.#updateLive(id, { paused: true });
    return this.get(id);
  }

  /** Lets a paused session go on. Throws `conflict` for one that does not run. */
  async unpause(id: string): Promise<SessionView> {
    await this.#pauses.end(this.#mustGet(id), this.#isPaused(id));
    this.#updateLive(id, { paused: false });
    return this.get(id);
  }

  /** Stops everything that runs; answers how many. */
  stopAll(cause: EndReason = "user_stop"): number {
    return this.#options.table.listLive().filter(({ id }) => this.tryStop(id, cause)).length;
  }

  /** Resolves when no stop is under way any more. */
  async stopsFinished(): Promise<void> {
    await this.#stops.finished();
  }

  rename(id: string, title: string | null): SessionView {
    const row = this.#options.table.setTitle(id, title?.trim() || null);
    if (!row) throw this.#notFound(id);
    return this.#tell(row);
  }

  /** A model's title; one given by the user stays in front of it. */
  setAiTitle(id: string, aiTitle: string): void {
    const row = this.#options.table.setAiTitle(id, aiTitle);
    if (row) this.#tell(row);
  }

  /** Removes an ended session and its recording. Throws `conflict` while it runs. */
  async delete(id: string): Promise<void> {
    const row = this.#mustGet(id);
    if (row.lifecycle !== "ended") {
      throw new AppError("conflict", "Cannot delete a running session: stop it first");
    }
    await this.#options.holder.delete({ session: id });
    this.#options.table.delete(id);
    this.#forgetLive(id);
    this.#options.launcher.cleanUp(id);
    this.#emit({ type: "session_deleted", sessionId: id });
  }

  /** Types into a session. Throws `unavailable` when the program does not read. */
  async write(id: string, bytes: Uint8Array): Promise<void> {
    const result = await this.#options.holder.write({ session: id, bytes });
    if (!result.accepted) {
      throw new AppError("unavailable", "The program does not read its input: nothing of this was typed");
    }
    this.#audit.add(id, { bytes, ...result });
    if (isTyped(bytes)) this.#attention.typed(id);
    if (!result.hidden) { for (const listener of this.#inputListeners) listener(id, bytes); }
    if (bytes.includes(INTERRUPT_BYTE)) {
      this.#addEvent(id, { kind: "user_interrupt", offset: result.offset, text: "Ctrl-C" });
    }
  }

  async resize(id: string, size: { cols: number; rows: number }): Promise<void> {
    await this.#options.holder.resize({ session: id, ...size });
    // The terminal has its size; what is only remembered of it may wait.
    this.#writer.write(() => void this.#options.table.setSize(id, size));
  }

  /** Takes an event of the holder that concerns a session as a whole. */
  handle(event: HolderEvent): void {
    if (event.type === "exit") this.#handleExit(event.exit);
    else if (event.type === "grown") this.#noteGrowth(event.session, event.offset);
    else if (event.type === "bell") this.#attention.bell(event.session, event.offset);
    else if (event.type === "paused") this.#updateLive(event.session, { paused: event.paused });
    else if (event.type !== "activity") return;
    else if (event.isNotification) this.#attention.notify(event.session, event.question);
    else this.setActivity(event.session, event);
  }

  /** What the agent says it is doing; a question is kept until it does something else. */
  setActivity(id: string, said: { activity: Activity; question?: string }): void {
    if (this.#live.has(id)) this.#attention.report(id, said);
  }

  /** A call of the session waits at a limit, or (undefined) it goes on. */
  setHold(id: string, hold: HoldView | undefined): void {
    this.#updateLive(id, { hold });
  }

  /** What a call meets at a limit from now on. */
  setAtLimit(id: string, atLimit: AtLimit): SessionView {
    const row = this.#options.table.setAtLimit(id, atLimit);
    if (!row) throw this.#notFound(id);
    return this.#tell(row);
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
    this.#tell(changed);
  }

  /** Tells listeners anew what sessions look like: figures beside them have changed. */
  tellAgain(ids: ReadonlySet<string>): void {
    for (const id of ids) {
      const row = this.#options.table.get(id);
      if (row) this.#tell(row);
    }
  }

  /** Notes something in a session's history: where its recording stands now, unless that is known better. */
  addMarker(id: string, marker: { kind: MarkerKind; text: string; offset?: number }): void {
    this.#addEvent(id, { offset: this.#live.get(id)?.recordedBytes ?? 0, ...marker });
  }

  /** Called at start, and when another holder took over: settles what happened while nobody looked. Answers how many sessions were cut off. */
  async reconcile(): Promise<number> {
    // Asked first: what is launched from now on is none of the past's business.
    const candidates = this.#options.table.listLive().filter(({ id }) => !this.#launching.has(id));
    const held = await this.#options.holder.listRunning();
    for (const exit of await this.#options.holder.listExits()) this.#handleExit(exit);
    let interrupted = 0;
    for (const { id } of candidates) {
      const row = this.#mustGet(id);
      const running = held.find(({ session }) => session === id);
      if (row.lifecycle === "ended") continue;
      if (running) this.#adopt(row, running);
      else {
        this.#interrupt(row);
        interrupted++;
      }
    }
    this.#options.money.limitsChanged();
    return interrupted;
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
    this.#attention.close();
    this.#audit.close();
    this.#writer.close();
  }

  async #start(prepare: () => Start): Promise<SessionView> {
    const { table, holder, money } = this.#options;
    const { row, spawn } = prepare();
    const { id } = row;
    const created = table.create(row);
    this.#live.set(id, { ...NEW_LIVE });
    const launching: { stop?: EndReason } = {};
    this.#launching.set(id, launching);
    try {
      this.#tell(created);
      await this.#options.beforeStart({ id, cwd: spawn.cwd });
      const started = await holder.spawn(spawn);
      this.addMarker(id, { kind: "started", text: row.command });
      const view = this.#tell(this.#markRunning(id, started));
      money.sessionRuns(id);
      return view;
    } catch (cause) {
      return this.#spawnFailed(id, cause);
    } finally {
      this.#launching.delete(id);
      if (launching.stop !== undefined) this.tryStop(id, launching.stop);
    }
  }

  /** A program that runs is not given up because that cannot be stored right now. */
  #markRunning(id: string, started: { pid: number; startedAtMs: number }): SessionRow {
    this.#writer.write(() => void this.#options.table.markRunning(id, started));
    return this.#mustGet(id);
  }

  /** A full disk keeps nobody from stopping: why it was stopped is stored before its end is. */
  #markStopping(id: string, cause: EndReason): SessionRow | undefined {
    const { table } = this.#options;
    if (this.#stops.has(id)) return undefined;
    try {
      return table.markStopping(id, cause);
    } catch (failure) {
      const row = isStorageFailure(failure) ? table.get(id) : undefined;
      if (!row || row.lifecycle === "ended") throw failure;
      this.#writer.write(() => void table.markStopping(id, cause));
      return { ...row, lifecycle: "stopping", stopCause: cause };
    }
  }

  /** While a stop is under way the end is told when the whole tree is gone. */
  #handleExit(exit: SessionExit): void {
    const { session: id } = exit;
    if (this.#stops.has(id)) {
      this.#exits.set(id, exit);
      return;
    }
    this.#exits.delete(id);
    this.#audit.settle(id);
    this.#writer.write(() => this.#noteEnd(exit));
  }

  /** The holder remembers an end until it was noted here. */
  #noteEnd(exit: SessionExit): void {
    const { session: id } = exit;
    const row = this.#options.table.markEnded(id, {
      reason: exit.lost ? "crash" : exit.failure ? "spawn_failed" : "exited",
      exitCode: exit.code,
      exitSignal: exit.signal,
      failure: exit.lost
        ? "Agents Fleet ended unexpectedly while it was running"
        : exit.failure && START_FAILURES[exit.failure],
      recordedBytes: exit.offset,
      endedAtMs: exit.endedAtMs,
    });
    if (row) {
      this.#addEvent(id, {
        kind: exit.lost ? "crash_recovery" : "process_exit",
        offset: exit.offset,
        text: exitText(exit),
      });
      this.#forgetLive(id);
      this.#options.launcher.cleanUp(id);
      this.#tell(row);
    }
    this.#supervise(this.#options.holder.acknowledgeExit({ session: id }), id);
  }

  #supervise(call: Promise<void>, session: string): void {
    call.catch((cause) => this.#options.log.warn("A call to the holder failed", { session, cause }));
  }

  #spawnFailed(id: string, cause: unknown): SessionView {
    this.#options.log.warn("Cannot start a session", { session: id, cause });
    this.#writer.write(() => {
      this.#options.table.markEnded(id, {
        reason: "spawn_failed",
        exitCode: undefined,
        exitSignal: undefined,
        failure: errorText(cause),
        recordedBytes: 0,
        endedAtMs: this.#options.now(),
      });
      this.#forgetLive(id);
      this.#tell(this.#mustGet(id));
    });
    return this.get(id);
  }

  /** A session that went on while the server was away. Supervision is back, so whatever was paused for want of it continues. */
  #adopt(row: SessionRow, held: RunningSession): void {
    const { paused, offset, activity = NEW_LIVE.activity, question } = held;
    this.#live.set(row.id, { ...NEW_LIVE, paused, recordedBytes: offset, activity, question });
    this.#attention.adopt(row.id, { activity, ...(question === undefined ? {} : { question }) });
    this.#markRunning(row.id, held);
    if (held.paused && !this.#pauses.isByUser(row.id)) {
      this.#supervise(this.#options.holder.resume({ session: row.id }), row.id);
    }
    if (row.lifecycle === "stopping") this.#stops.start(row.id, row.kind);
  }

  /** A session that the holder knows nothing of: its end was not seen by anyone. */
  #interrupt({ id, recordedBytes }: SessionRow): void {
    this.#writer.write(() =>
      this.#noteEnd({ session: id, lost: true, offset: recordedBytes, endedAtMs: this.#options.now() })
    );
  }

  #addEvent(sessionId: string, event: { kind: MarkerKind | "input"; offset: number; text: string }): void {
    const entry = { sessionId, atMs: this.#options.now(), ...event };
    this.#writer.writeNote(sessionId, () => {
      this.#options.events.add(entry);
      this.#emit({ type: "artifact", sessionId });
    });
  }

  #markLost(notes: ReadonlyMap<string, number>): void {
    for (const [id, count] of notes) {
      if (!this.#options.table.get(id)) continue;
      this.addMarker(id, {
        kind: "recording_gap",
        text: `${count} entries of this history could not be stored`,
      });
    }
  }

  #updateLive(id: string, change: Partial<LiveState>): void {
    const live = this.#live.get(id);
    const row = live && this.#options.table.get(id);
    if (!row || row.lifecycle === "ended") return;
    Object.assign(live, change);
    this.#tell(row);
  }

  #noteGrowth(id: string, offset: number): void {
    this.#updateLive(id, { recordedBytes: offset });
    this.#attention.grown(id, offset);
  }

  #tellNeedsYou(id: string, question: string | undefined): void {
    const row = this.#options.table.get(id);
    if (row) this.#writer.write(() => this.#options.onNeedsYou(row, question));
  }

  #forgetLive(id: string): void {
    this.#live.delete(id);
    this.#attention.forget(id);
  }

  #isPaused(id: string): boolean {
    return this.#live.get(id)?.paused ?? false;
  }

  #view(row: SessionRow): SessionView {
    const { money, changesOf } = this.#options;
    const live = this.#live.get(row.id);
    return viewSession(row, { live, money: money.describe(row), changes: changesOf(row.id) });
  }

  #tell(row: SessionRow): SessionView {
    const session = this.#view(row);
    this.#emit({ type: "session", session });
    return session;
  }

  #emit(change: SessionChange): void {
    for (const listener of this.#listeners) listener(change);
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

function exitText({ code, signal, lost }: SessionExit): string {
  if (lost) return "The end was not seen";
  return signal === undefined ? `exit code ${code ?? 0}` : `ended by ${signal}`;
}
