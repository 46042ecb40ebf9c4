// All sessions: launches them, follows what the holder says of them, stops them, and tells who listens.
import { AppError, errorText } from "../errors.ts";
import type { HolderApi, HolderEvent, RunningSession, SessionExit, StartFailure } from "../holder/api.ts";
import type { Log } from "../log.ts";
import type { EndReason, LaunchRequest, MarkerKind, Page, SessionView, SurvivorView } from "../protocol.ts";
import type { EventTable } from "../store/events.ts";
import type { SessionFilter, SessionRow, SessionTable } from "../store/sessions.ts";
import { InputAudit } from "./input_audit.ts";
import type { LaunchPlanner } from "./launch.ts";
import { type LiveState, viewSession } from "./session_view.ts";
import { runStopLadder } from "./stop_ladder.ts";

/** What listeners are told; safe to receive twice. */
export type SessionChange =
  | { type: "session"; session: SessionView }
  | { type: "session_deleted"; sessionId: string };

export interface SessionsOptions {
  holder: HolderApi;
  table: SessionTable;
  events: EventTable;
  planner: LaunchPlanner;
  now: () => number;
  newId: () => string;
  wait: (milliseconds: number) => Promise<void>;
  log: Log;
}

/** Size of a terminal until a page says how large it is. */
const DEFAULT_SIZE = { cols: 120, rows: 30 };
const INTERRUPT_BYTE = 0x03;
const START_FAILURES: Record<StartFailure, string> = {
  no_directory: "The directory vanished, or may not be entered",
  no_program: "The program is not there, or may not be executed",
};

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #live = new Map<string, LiveState>();
  /** Being started right now: nobody holds them yet. */
  readonly #launching = new Set<string>();
  readonly #stopping = new Map<string, Promise<void>>();
  readonly #exits = new Map<string, SessionExit>();
  readonly #listeners = new Set<(change: SessionChange) => void>();
  readonly #audit: InputAudit;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#audit = new InputAudit(({ session, ...line }) =>
      this.#addEvent(session, { kind: "input", ...line })
    );
  }

  /** Calls back after every change; the answer ends it. */
  onChange(listener: (change: SessionChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Starts a session. Throws `invalid` for bad input; a program that cannot be started makes a session that failed. */
  async launch(request: LaunchRequest): Promise<SessionView> {
    const plan = this.#options.planner.plan(request);
    const { table, newId, now } = this.#options;
    const id = newId();
    const size = { cols: request.cols ?? DEFAULT_SIZE.cols, rows: request.rows ?? DEFAULT_SIZE.rows };
    const title = request.title?.trim() || undefined;
    const row = table.create({ id, conversationId: newId(), ...plan, ...size, title, createdAtMs: now() });
    this.#live.set(id, { activity: "unknown", paused: false, recordedBytes: 0 });
    this.#tell(row);
    this.#launching.add(id);
    try {
      const { argv, cwd, env } = plan;
      const started = await this.#options.holder.spawn({ session: id, argv, cwd, env, ...size });
      this.#addEvent(id, { kind: "started", offset: 0, text: plan.command });
      return this.#tell(table.markRunning(id, started) ?? this.#mustGet(id));
    } catch (cause) {
      return this.#spawnFailed(id, cause);
    } finally {
      this.#launching.delete(id);
    }
  }

  /** The same command in the same place again. */
  relaunch(id: string): Promise<SessionView> {
    const { cwd, command, title, cols, rows } = this.#mustGet(id);
    return this.launch({ cwd, command, cols, rows, ...(title === null ? {} : { title }) });
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
    const stopping = this.#options.table.markStopping(id, cause);
    if (!stopping) return this.get(id);
    this.#addEvent(id, { kind: "stop_requested", offset: this.#offset(id), text: cause });
    this.#stopping.set(id, this.#runLadder(id));
    return this.#tell(stopping);
  }

  /** Stops everything that runs; answers how many. */
  stopAll(cause: EndReason = "user_stop"): number {
    const running = this.#options.table.listLive().filter(({ lifecycle }) => lifecycle === "running");
    for (const { id } of running) this.stop(id, cause);
    return running.length;
  }

  /** Resolves when no stop is under way any more. */
  async stopsFinished(): Promise<void> {
    await Promise.all(this.#stopping.values());
  }

  rename(id: string, title: string | null): SessionView {
    const row = this.#options.table.setTitle(id, title?.trim() || null);
    if (!row) throw this.#notFound(id);
    return this.#tell(row);
  }

  /** Removes an ended session and its recording. Throws `conflict` while it runs. */
  async delete(id: string): Promise<void> {
    const row = this.#mustGet(id);
    if (row.lifecycle !== "ended") {
      throw new AppError("conflict", "Cannot delete a running session: stop it first");
    }
    await this.#options.holder.delete({ session: id });
    this.#options.table.delete(id);
    this.#live.delete(id);
    this.#emit({ type: "session_deleted", sessionId: id });
  }

  /** Types into a session. Throws `unavailable` when the program does not read. */
  async write(id: string, bytes: Uint8Array): Promise<void> {
    const result = await this.#options.holder.write({ session: id, bytes });
    if (!result.accepted) {
      throw new AppError("unavailable", "The program does not read its input: nothing of this was typed");
    }
    this.#audit.add(id, { bytes, ...result });
    if (bytes.includes(INTERRUPT_BYTE)) {
      this.#addEvent(id, { kind: "user_interrupt", offset: result.offset, text: "Ctrl-C" });
    }
  }

  async resize(id: string, size: { cols: number; rows: number }): Promise<void> {
    await this.#options.holder.resize({ session: id, ...size });
    this.#options.table.setSize(id, size);
  }

  /** Takes an event of the holder that concerns a session as a whole. */
  handle(event: HolderEvent): void {
    if (event.type === "exit") this.#handleExit(event.exit);
    else if (event.type === "grown") this.#updateLive(event.session, { recordedBytes: event.offset });
    else if (event.type === "paused") this.#updateLive(event.session, { paused: event.paused });
    else if (event.type === "activity") this.#updateLive(event.session, { activity: event.activity });
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
      else interrupted += this.#interrupt(row);
    }
    return interrupted;
  }

  /** Processes of sessions that are over, and are alive all the same. */
  async listSurvivors(): Promise<SurvivorView[]> {
    const found = await this.#options.holder.findSurvivors();
    return found.map(({ pid, startedAtMs, command, session }) => {
      const row = this.#options.table.get(session);
      return {
        pid,
        startedAtMs,
        command,
        sessionId: session,
        sessionTitle: row?.title ?? row?.command ?? "a deleted session",
      };
    });
  }

  /** Ends survivors by pid; pids that are none of ours are ignored. */
  async endSurvivors(pids: number[]): Promise<number[]> {
    const found = await this.#options.holder.findSurvivors();
    const wanted = found.filter(({ pid }) => pids.includes(pid));
    const ended = await this.#options.holder.endSurvivors({ processes: wanted });
    for (const { session, pid, command } of wanted) {
      if (ended.includes(pid) && this.#options.table.get(session)) {
        this.#addEvent(session, { kind: "survivors_ended", offset: 0, text: `${pid} ${command}` });
      }
    }
    return ended;
  }

  /** Notes what is typed but not finished. */
  close(): void {
    this.#audit.close();
  }

  async #runLadder(id: string): Promise<void> {
    const { holder, now, wait, log } = this.#options;
    try {
      const survivors = await runStopLadder({
        now,
        wait,
        session: {
          signalTree: (signal) => holder.signal({ session: id, signal, scope: "tree" }),
          killTree: () => holder.kill({ session: id }),
          countProcesses: () => holder.countProcesses({ session: id }),
        },
        onProgress: (stop) => {
          if (stop.step !== this.#live.get(id)?.stop?.step) {
            this.#addEvent(id, { kind: "stop_step", offset: this.#offset(id), text: stop.step });
          }
          this.#updateLive(id, { stop });
        },
      });
      if (survivors > 0) log.warn("Processes could not be ended", { session: id, survivors });
    } catch (cause) {
      log.error("Cannot stop a session", { session: id, cause });
    } finally {
      this.#stopping.delete(id);
      const exit = this.#exits.get(id);
      if (exit) this.#handleExit(exit);
    }
  }

  /** While a stop is under way the end is told when the whole tree is gone. */
  #handleExit(exit: SessionExit): void {
    const { session: id } = exit;
    if (this.#stopping.has(id)) {
      this.#exits.set(id, exit);
      return;
    }
    this.#exits.delete(id);
    this.#audit.settle(id);
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
      this.#live.delete(id);
      this.#tell(row);
    }
    this.#supervise(this.#options.holder.acknowledgeExit({ session: id }), id);
  }

  #supervise(call: Promise<void>, session: string): void {
    call.catch((cause) => this.#options.log.warn("A call to the holder failed", { session, cause }));
  }

  #spawnFailed(id: string, cause: unknown): SessionView {
    const row = this.#options.table.markEnded(id, {
      reason: "spawn_failed",
      exitCode: undefined,
      exitSignal: undefined,
      failure: errorText(cause),
      recordedBytes: 0,
      endedAtMs: this.#options.now(),
    });
    this.#options.log.warn("Cannot start a session", { session: id, cause });
    this.#live.delete(id);
    return this.#tell(row ?? this.#mustGet(id));
  }

  /** A session that went on while the server was away. Supervision is back, so whatever was paused for want of it continues. */
  #adopt(row: SessionRow, held: RunningSession): void {
    this.#live.set(row.id, { activity: "unknown", paused: held.paused, recordedBytes: held.offset });
    this.#options.table.markRunning(row.id, held);
    if (held.paused) this.#supervise(this.#options.holder.resume({ session: row.id }), row.id);
    if (row.lifecycle === "stopping") this.#stopping.set(row.id, this.#runLadder(row.id));
  }

  /** A session that the holder knows nothing of: its end was not seen by anyone. */
  #interrupt(row: SessionRow): number {
    const ended = this.#options.table.markEnded(row.id, {
      reason: "crash",
      exitCode: undefined,
      exitSignal: undefined,
      failure: "Agents Fleet ended unexpectedly while it was running",
      recordedBytes: row.recordedBytes,
      endedAtMs: this.#options.now(),
    });
    if (!ended) return 0;
    this.#addEvent(row.id, { kind: "crash_recovery", offset: row.recordedBytes, text: "" });
    this.#live.delete(row.id);
    this.#tell(ended);
    this.#supervise(this.#options.holder.acknowledgeExit({ session: row.id }), row.id);
    return 1;
  }

  #addEvent(sessionId: string, event: { kind: MarkerKind | "input"; offset: number; text: string }): void {
    this.#options.events.add({ sessionId, atMs: this.#options.now(), ...event });
  }

  #offset(id: string): number {
    return this.#live.get(id)?.recordedBytes ?? 0;
  }

  #updateLive(id: string, change: Partial<LiveState>): void {
    const live = this.#live.get(id);
    const row = live && this.#options.table.get(id);
    if (!row || row.lifecycle === "ended") return;
    Object.assign(live, change);
    this.#tell(row);
  }

  #view(row: SessionRow): SessionView {
    return viewSession(row, this.#live.get(row.id));
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
