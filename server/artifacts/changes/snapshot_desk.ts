// Takes git snapshots of sessions' work trees when they begin, after turns, when they stop and end, and on demand.
import { AppError, errorText } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type {
  ServerMessage,
  SessionView,
  SnapshotList,
  SnapshotReason,
  SnapshotSettings,
  SnapshotView,
} from "../../protocol.ts";
import type { SessionRow, SessionTable } from "../../store/sessions.ts";
import type { ListedSnapshot, NewSnapshot, SnapshotRow, SnapshotTable } from "../../store/snapshots.ts";
import type { Clock } from "../../clock.ts";
import { TurnsByKey } from "../git/turns.ts";
import type { Capture, CaptureFailure, Vault } from "../git/vault_api.ts";
import { describeAge, Measures } from "./measures.ts";
import type { Releases } from "./releases.ts";
import { SessionMoments } from "./session_moments.ts";
import { viewSnapshot } from "./snapshot_view.ts";

export interface SnapshotDeskOptions extends Clock {
  vault: Vault;
  table: SnapshotTable;
  sessions: Pick<SessionTable, "get" | "listLive">;
  releases: Releases;
  settings: () => SnapshotSettings;
  /** The environment says no, whatever the settings are. */
  isOffByEnvironment: boolean;
  /** Tells every page. */
  broadcast: (message: ServerMessage) => void;
  newId: () => string;
  log: Log;
}

/** A program starts at the latest so long after its snapshot was begun. */
const START_PATIENCE_MS = 2000;
/** A snapshot of a beginning or an end that is later than this says so. */
const LATE_MS = 10_000;
/** Of one session; beyond, turns are left out. */
const MAX_SNAPSHOTS = 500;

interface Wish {
  sessionId: string;
  reason: SnapshotReason;
  root: string;
  turn?: number;
  notes?: string[];
}

export class SnapshotDesk {
  readonly #options: SnapshotDeskOptions;
  readonly #measures: Measures;
  readonly #moments: SessionMoments;
  /** Snapshots of one session are taken one after the other. */
  readonly #turns = new TurnsByKey();
  /** When sessions were started without their first snapshot. */
  readonly #startedAtMs = new Map<string, number>();
  readonly #listeners = new Set<(sessionId: string) => void>();
  readonly #closing = new AbortController();

  constructor(options: SnapshotDeskOptions) {
    this.#options = options;
    this.#measures = new Measures(options);
    this.#moments = new SessionMoments({
      later: options.later,
      lastTurn: (id) => options.table.lastTurn(id),
      onTurn: (id, turn) => this.#turnEnded(id, turn),
      onStop: (id) => this.#takeSoon(id, "stop"),
      onEnd: (session) => this.#ended(session),
    });
  }

  /** Calls back when a snapshot of a session was taken. */
  onTaken(listener: (sessionId: string) => void): void {
    this.#listeners.add(listener);
  }

  /**
   * The first snapshot, asked for right before a program starts. Resolves when it is there, or when it takes too long: it
   * goes on then, and says that it was late. Never rejects.
   */
  async begin({ id, cwd }: { id: string; cwd: string }): Promise<void> {
    if (!this.#isOn()) return;
    const root = this.#tryLocate(cwd);
    if (root === undefined) return;
    const { wait, now } = this.#options;
    const taken = this.#turns.take(id, () => this.#take({ sessionId: id, reason: "baseline", root }))
      .then(() => true, (cause) => this.#logFailure(cause));
    const isInTime = await Promise.race([taken, wait(START_PATIENCE_MS).then(() => false)]);
    if (!isInTime) this.#startedAtMs.set(id, now());
  }

  /** Takes note of what a session does; called for every change of it. */
  sessionChanged(session: SessionView): void {
    this.#moments.sessionChanged(session);
  }

  /** Called at start, once it is known what became of sessions: takes what was missed. */
  reconcile(): void {
    const { table, sessions } = this.#options;
    for (const session of sessions.listLive()) {
      this.#moments.adopt(session);
      const isBegun = this.#turns.has(session.id) || table.count(session.id) > 0;
      if (this.#isOn() && !isBegun) this.#beginLate(session);
    }
    if (!this.#isOn()) return;
    for (const { sessionId } of table.listUnfinished()) {
      if (!this.#turns.has(sessionId)) this.#takeSoon(sessionId, "exit");
    }
  }

  list(sessionId: string): SnapshotList {
    const rows = this.#options.table.list(sessionId);
    const list: SnapshotList = { items: rows.map(viewSnapshot), capturing: this.#turns.has(sessionId) };
    if (!list.capturing && !rows.some(({ state }) => state === "taken")) {
      list.unavailable = this.#whyNone(sessionId, rows);
    }
    return list;
  }

  /** Takes a snapshot because the user asks for it. Rejects with `conflict` where there is nothing to take. */
  async takeNow(sessionId: string): Promise<SnapshotView> {
    return viewSnapshot(await this.take(sessionId, "manual"));
  }

  /** The same before something else is done. */
  async take(sessionId: string, reason: "manual" | "before_revert"): Promise<SnapshotRow> {
    const root = this.rootOf(sessionId);
    const row = await this.#turns.take(sessionId, () => this.#take({ sessionId, reason, root }));
    if (!row) throw new AppError("not_found", "The session was deleted meanwhile");
    return row;
  }

  /** The work tree of a session: the one it began in. Throws `conflict` with the reason when there is none. */
  rootOf(sessionId: string): string {
    const [first] = this.#options.table.list(sessionId);
    if (first) return first.root;
    const session = this.#options.sessions.get(sessionId);
    if (!session) throw new AppError("not_found", `Cannot find session "${sessionId}"`);
    const place = this.#options.vault.locate(session.cwd);
    if ("reason" in place) throw new AppError("conflict", place.message);
    return place.root;
  }

  get isOffByEnvironment(): boolean {
    return this.#options.isOffByEnvironment;
  }

  /** Resolves when nothing is being taken, of a session or of any. */
  finished(sessionId?: string): Promise<void> {
    return this.#turns.finished(sessionId);
  }

  /** Breaks off what is being taken; the next start makes up for ends. */
  async close(): Promise<void> {
    this.#moments.close();
    this.#closing.abort();
    await this.finished();
  }

  #isOn(): boolean {
    const { settings, isOffByEnvironment } = this.#options;
    return !isOffByEnvironment && settings().captureAtEnd && !this.#closing.signal.aborted;
  }

  /** A first snapshot is better late than never, if it says so. */
  #beginLate({ id, cwd, startedAtMs }: Pick<SessionRow, "id" | "cwd" | "startedAtMs">): void {
    const root = this.#tryLocate(cwd);
    if (root === undefined) return;
    const nowMs = this.#options.now();
    const notes = [`Taken ${describeAge(nowMs - (startedAtMs ?? nowMs))} after the session's start.`];
    const wish: Wish = { sessionId: id, reason: "baseline", root, notes };
    this.#supervise(this.#turns.take(id, () => this.#take(wish)));
  }

  #ended({ id, endReason }: SessionView): void {
    const first = this.#options.table.first(id);
    if (endReason !== "spawn_failed") this.#takeSoon(id, "exit");
    else if (first) this.#options.table.markEnd(first.id);
  }

  #turnEnded(id: string, turn: number): void {
    const { settings, table } = this.#options;
    if (settings().afterTurns && table.count(id) < MAX_SNAPSHOTS) this.#takeSoon(id, "turn", turn);
  }

  /** Nobody waits for it. */
  #takeSoon(sessionId: string, reason: "turn" | "stop" | "exit", turn?: number): void {
    if (!this.#isOn()) return;
    const work = async (): Promise<void> => {
      const first = this.#options.table.first(sessionId);
      if (!first) return;
      const { root } = first;
      const wish = { sessionId, reason, root, ...(turn === undefined ? {} : { turn }) };
      await this.#take(reason === "exit" ? { ...wish, notes: this.#lateNotes(sessionId) } : wish);
    };
    this.#supervise(this.#turns.take(sessionId, work));
  }

  #lateNotes(sessionId: string): string[] {
    const lateMs = this.#options.now() - (this.#options.sessions.get(sessionId)?.endedAtMs ?? Infinity);
    if (!(lateMs > LATE_MS)) return [];
    return [`Taken ${describeAge(lateMs)} after the end: what changed in between is in it.`];
  }

  async #take(wish: Wish): Promise<SnapshotRow | undefined> {
    const { vault, now, newId, releases } = this.#options;
    const keep = newId();
    const result = await vault.capture(wish.root, { keep, signal: this.#closing.signal })
      .catch((cause): CaptureFailure => ({ failure: errorText(cause) }));
    if (this.#closing.signal.aborted) {
      if (!("failure" in result)) releases.add({ store: result.store, keep });
      return undefined;
    }
    if ("failure" in result) {
      return this.#store(wish, { atMs: now(), outcome: result, notes: wish.notes ?? [] });
    }
    const atMs = now() - Math.round(result.durationMs);
    if (this.#isRepetition(wish, result)) {
      releases.add({ store: result.store, keep });
      return undefined;
    }
    const measured = await this.#measures.measure(wish, result);
    const notes = [...wish.notes ?? [], ...this.#lateStart(wish), ...result.notes, ...measured.notes];
    const { notes: _notes, ...capture } = result;
    const outcome = { ...capture, ...measured.figures, durationMs: Math.round(result.durationMs), keep };
    const row = this.#store(wish, { atMs, outcome, notes });
    if (!row) releases.add({ store: result.store, keep });
    return row;
  }

  /** What is the same as the last one says nothing new, unless somebody asked for it. */
  #isRepetition({ sessionId, reason }: Wish, { store, tree, head }: Capture): boolean {
    const last = this.#options.table.last(sessionId);
    const isSame = last?.store === store && last.tree === tree && last.head === (head ?? null);
    if (!isSame) return false;
    const isStopped = reason === "exit" && last.reason === "stop";
    if (isStopped) this.#options.table.markEnd(last.id);
    return isStopped || reason === "turn";
  }

  #lateStart({ sessionId, reason }: Wish): string[] {
    const startedAtMs = this.#startedAtMs.get(sessionId);
    this.#startedAtMs.delete(sessionId);
    if (reason !== "baseline" || startedAtMs === undefined) return [];
    const lateMs = this.#options.now() - startedAtMs;
    return [
      `Finished ${describeAge(lateMs)} after the session's start: what it changed by then may be missing.`,
    ];
  }

  #store(
    wish: Wish,
    { atMs, outcome, notes }: Pick<NewSnapshot, "atMs" | "outcome" | "notes">,
  ): SnapshotRow | undefined {
    const { sessionId, reason, root, turn } = wish;
    const row = this.#options.table.add({
      ...{ sessionId, reason, root, atMs, outcome, notes, isEnd: reason === "exit" },
      ...(turn === undefined ? {} : { turn }),
    });
    if (!row) return undefined;
    for (const listener of this.#listeners) listener(sessionId);
    this.#options.broadcast({ type: "changes", sessionId, snapshot: viewSnapshot(row) });
    return row;
  }

  #whyNone(sessionId: string, rows: ListedSnapshot[]): NonNullable<SnapshotList["unavailable"]> {
    const failed = rows.at(-1);
    if (failed?.message) return { reason: "no_baseline", message: failed.message };
    const session = this.#options.sessions.get(sessionId);
    const place = session && this.#options.vault.locate(session.cwd);
    if (place && "reason" in place) return place;
    if (!this.#isOn()) {
      const place = this.#options.isOffByEnvironment ? "AGENTS_FLEET_CAPTURE_GIT_ON_END" : "Settings";
      return { reason: "off", message: `Snapshots are switched off in ${place}` };
    }
    return { reason: "no_baseline", message: "No snapshot was taken when this session began" };
  }

  #tryLocate(cwd: string): string | undefined {
    try {
      const place = this.#options.vault.locate(cwd);
      return "reason" in place ? undefined : place.root;
    } catch (cause) {
      this.#options.log.warn("Cannot look for a repository", { cause: errorText(cause) });
      return undefined;
    }
  }

  #supervise(work: Promise<unknown>): void {
    work.catch((cause) => this.#logFailure(cause));
  }

  #logFailure(cause: unknown): true {
    this.#options.log.error("A snapshot failed", { cause });
    return true;
  }
}
