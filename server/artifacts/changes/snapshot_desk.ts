// Decides when git snapshots of sessions are taken: when they begin, after turns, when they stop and end, on demand.
import type { Clock } from "../../clock.ts";
import { AppError, errorText } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { SessionView, SnapshotList, SnapshotSettings, SnapshotView } from "../../protocol.ts";
import type { SessionRow, SessionTable } from "../../store/sessions.ts";
import type { ListedSnapshot, SnapshotRow } from "../../store/snapshots.ts";
import { describeAge } from "./measures.ts";
import { SessionMoments } from "./session_moments.ts";
import { SnapshotTaker, type SnapshotTakerOptions, type SnapshotWish } from "./snapshot_taker.ts";
import { viewSnapshot } from "./snapshot_view.ts";

export interface SnapshotDeskOptions extends SnapshotTakerOptions, Clock {
  sessions: Pick<SessionTable, "get" | "listLive">;
  settings: () => SnapshotSettings;
  /** The environment says no, whatever the settings are. */
  isOffByEnvironment: boolean;
  log: Log;
}

/** A program starts at the latest so long after its snapshot was begun. */
const START_PATIENCE_MS = 2000;
/** A snapshot of a beginning or an end that is later than this says so. */
const LATE_MS = 10_000;
/** Of one session; beyond, turns are left out. */
const MAX_SNAPSHOTS = 500;

export class SnapshotDesk {
  readonly #options: SnapshotDeskOptions;
  readonly #taker: SnapshotTaker;
  readonly #moments: SessionMoments;

  constructor(options: SnapshotDeskOptions) {
    this.#options = options;
    this.#taker = new SnapshotTaker(options);
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
    this.#taker.onTaken(listener);
  }

  /**
   * The first snapshot, asked for right before a program starts. Resolves when it is there, or when it takes too long: it
   * goes on then, and says that it was late. Never rejects.
   */
  async begin({ id, cwd }: { id: string; cwd: string }): Promise<void> {
    if (!this.#isOn()) return;
    const root = this.#tryLocate(cwd);
    if (root === undefined) return;
    const taken = this.#taker.take(id, () => ({ reason: "baseline", root }))
      .then(() => true, (cause) => this.#logFailure(cause));
    const isInTime = await Promise.race([taken, this.#options.wait(START_PATIENCE_MS).then(() => false)]);
    if (!isInTime) this.#taker.noteStart(id);
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
      const isBegun = this.#taker.isTaking(session.id) || table.count(session.id) > 0;
      if (this.#isOn() && !isBegun) this.#beginLate(session);
    }
    if (!this.#isOn()) return;
    for (const { sessionId } of table.listUnfinished()) {
      if (!this.#taker.isTaking(sessionId)) this.#takeSoon(sessionId, "exit");
    }
  }

  list(sessionId: string): SnapshotList {
    const rows = this.#options.table.list(sessionId);
    const list: SnapshotList = { items: rows.map(viewSnapshot), capturing: this.#taker.isTaking(sessionId) };
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
    const row = await this.#taker.take(sessionId, () => ({ reason, root }));
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
    return this.#taker.finished(sessionId);
  }

  /** Breaks off what is being taken; the next start makes up for ends. */
  async close(): Promise<void> {
    this.#moments.close();
    await this.#taker.close();
  }

  #isOn(): boolean {
    const { settings, isOffByEnvironment } = this.#options;
    return !isOffByEnvironment && settings().captureAtEnd && !this.#taker.isClosed;
  }

  /** A first snapshot is better late than never, if it says so. */
  #beginLate({ id, cwd, startedAtMs }: Pick<SessionRow, "id" | "cwd" | "startedAtMs">): void {
    const root = this.#tryLocate(cwd);
    if (root === undefined) return;
    const nowMs = this.#options.now();
    const notes = [`Taken ${describeAge(nowMs - (startedAtMs ?? nowMs))} after the session's start.`];
    this.#supervise(this.#taker.take(id, () => ({ reason: "baseline", root, notes })));
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
    const findWish = (): SnapshotWish | undefined => {
      const first = this.#options.table.first(sessionId);
      if (!first) return undefined;
      const wish = { reason, root: first.root, ...(turn === undefined ? {} : { turn }) };
      return reason === "exit" ? { ...wish, notes: this.#lateNotes(sessionId) } : wish;
    };
    this.#supervise(this.#taker.take(sessionId, findWish));
  }

  #lateNotes(sessionId: string): string[] {
    const lateMs = this.#options.now() - (this.#options.sessions.get(sessionId)?.endedAtMs ?? Infinity);
    if (!(lateMs > LATE_MS)) return [];
    return [`Taken ${describeAge(lateMs)} after the end: what changed in between is in it.`];
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
