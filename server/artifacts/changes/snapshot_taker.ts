// Takes git snapshots, of one session one after the other: captures, measures, stores, and leaves repetitions out.
import { errorText } from "../../errors.ts";
import type { ServerMessage, SnapshotReason } from "../../protocol.ts";
import type { NewSnapshot, SnapshotRow, SnapshotTable } from "../../store/snapshots.ts";
import { TurnsByKey } from "../git/turns.ts";
import type { Capture, CaptureFailure, Vault } from "../git/vault_api.ts";
import { describeAge, Measures } from "./measures.ts";
import type { Releases } from "./releases.ts";
import { viewSnapshot } from "./snapshot_view.ts";

export interface SnapshotTakerOptions {
  vault: Vault;
  table: SnapshotTable;
  releases: Pick<Releases, "add">;
  /** Tells every page. */
  broadcast: (message: ServerMessage) => void;
  now: () => number;
  newId: () => string;
}

export interface SnapshotWish {
  reason: SnapshotReason;
  /** The work tree. */
  root: string;
  turn?: number;
  notes?: string[];
}

type SessionWish = SnapshotWish & { sessionId: string };

export class SnapshotTaker {
  readonly #options: SnapshotTakerOptions;
  readonly #measures: Measures;
  readonly #turns = new TurnsByKey();
  /** When sessions were started without their first snapshot. */
  readonly #startedAtMs = new Map<string, number>();
  readonly #listeners = new Set<(sessionId: string) => void>();
  readonly #closing = new AbortController();

  constructor(options: SnapshotTakerOptions) {
    this.#options = options;
    this.#measures = new Measures(options);
  }

  /** Calls back when a snapshot of a session was stored. */
  onTaken(listener: (sessionId: string) => void): void {
    this.#listeners.add(listener);
  }

  isTaking(sessionId: string): boolean {
    return this.#turns.has(sessionId);
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /**
   * Asks what is wished when the session's turn has come. Resolves with undefined when nothing was stored: nothing was
   * wished, it would repeat the last one, or its session was deleted.
   */
  take(sessionId: string, findWish: () => SnapshotWish | undefined): Promise<SnapshotRow | undefined> {
    return this.#turns.take(sessionId, async () => {
      const wish = findWish();
      return wish && await this.#take({ ...wish, sessionId });
    });
  }

  /** A session's program starts now, and its first snapshot is not there yet: it will say so. */
  noteStart(sessionId: string): void {
    this.#startedAtMs.set(sessionId, this.#options.now());
  }

  /** Resolves when nothing is being taken, of a session or of any. */
  finished(sessionId?: string): Promise<void> {
    return this.#turns.finished(sessionId);
  }

  /** Breaks off what is being taken. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.finished();
  }

  async #take(wish: SessionWish): Promise<SnapshotRow | undefined> {
    const { vault, now, newId, releases } = this.#options;
    const keep = newId();
    const result = await vault.capture(wish.root, { keep, signal: this.#closing.signal })
      .catch((cause): CaptureFailure => ({ failure: errorText(cause) }));
    if (this.isClosed) {
      if (!("failure" in result)) releases.add({ store: result.store, keep });
      return undefined;
    }
    if ("failure" in result) {
      return this.#store(wish, { atMs: now(), outcome: result, notes: wish.notes ?? [] });
    }
    const atMs = now() - Math.round(result.durationMs);
    const row = this.#isRepetition(wish, result)
      ? undefined
      : await this.#measureAndStore(wish, { capture: result, atMs, keep });
    if (!row) releases.add({ store: result.store, keep });
    return row;
  }

  async #measureAndStore(
    wish: SessionWish,
    { capture: { notes, ...capture }, atMs, keep }: { capture: Capture; atMs: number; keep: string },
  ): Promise<SnapshotRow | undefined> {
    const measured = await this.#measures.measure(wish, { ...capture, notes });
    const outcome = { ...capture, ...measured.figures, durationMs: Math.round(capture.durationMs), keep };
    const allNotes = [...wish.notes ?? [], ...this.#lateStart(wish), ...notes, ...measured.notes];
    return this.#store(wish, { atMs, outcome, notes: allNotes });
  }

  /** What is the same as the last one says nothing new, unless somebody asked for it. */
  #isRepetition({ sessionId, reason }: SessionWish, { store, tree, head }: Capture): boolean {
    const last = this.#options.table.last(sessionId);
    const isSame = last?.store === store && last.tree === tree && last.head === (head ?? null);
    if (!isSame) return false;
    const isStopped = reason === "exit" && last.reason === "stop";
    if (isStopped) this.#options.table.markEnd(last.id);
    return isStopped || reason === "turn";
  }

  #lateStart({ sessionId, reason }: SessionWish): string[] {
    const startedAtMs = this.#startedAtMs.get(sessionId);
    this.#startedAtMs.delete(sessionId);
    if (reason !== "baseline" || startedAtMs === undefined) return [];
    const lateMs = this.#options.now() - startedAtMs;
    return [
      `Finished ${describeAge(lateMs)} after the session's start: what it changed by then may be missing.`,
    ];
  }

  #store(
    wish: SessionWish,
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
}
