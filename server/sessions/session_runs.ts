// How sessions come to run: programs that are started, and those that went on while the server was away.
import { errorText } from "../errors.ts";
import type { HolderApi, RunningSession } from "../holder/api.ts";
import type { Log } from "../log.ts";
import type { MoneyDesk } from "../money/money_desk.ts";
import type { EndReason, SessionView } from "../protocol.ts";
import type { SessionRow, SessionTable } from "../store/sessions.ts";
import type { LiveSessions } from "./live_sessions.ts";
import type { PatientWriter } from "./patient_writer.ts";
import type { Pauses } from "./pauses.ts";
import type { SessionEnds } from "./session_ends.ts";
import type { SessionHistory } from "./session_history.ts";
import type { Start } from "./starts.ts";

export interface SessionRunsOptions {
  holder: HolderApi;
  table: SessionTable;
  money: Pick<MoneyDesk, "sessionRuns" | "limitsChanged">;
  live: LiveSessions;
  history: SessionHistory;
  ends: SessionEnds;
  pauses: Pick<Pauses, "isByUser">;
  writer: PatientWriter;
  mustGet: (id: string) => SessionRow;
  /** What is to be done right before a program starts; it waits for that, and starts whatever becomes of it. */
  beforeStart: (session: { id: string; cwd: string }) => Promise<void>;
  now: () => number;
  log: Log;
}

export class SessionRuns {
  readonly #options: SessionRunsOptions;
  /** Being started right now: nobody holds them yet. */
  readonly #launching = new Map<string, { stop?: EndReason }>();

  constructor(options: SessionRunsOptions) {
    this.#options = options;
  }

  /** Throws what `prepare` throws; a program that cannot be started makes a session that failed. */
  async start(prepare: () => Start): Promise<SessionView> {
    const { table, holder, money, live, history, ends } = this.#options;
    const { row, spawn } = prepare();
    const { id } = row;
    const created = table.create(row);
    live.add(id);
    const launching: { stop?: EndReason } = {};
    this.#launching.set(id, launching);
    try {
      live.tell(created);
      await this.#options.beforeStart({ id, cwd: spawn.cwd });
      const started = await holder.spawn(spawn);
      history.addMarker(id, { kind: "started", text: row.command });
      const view = live.tell(this.#markRunning(id, started));
      money.sessionRuns(id);
      return view;
    } catch (cause) {
      return this.#spawnFailed(id, cause);
    } finally {
      this.#launching.delete(id);
      if (launching.stop !== undefined) ends.tryStop(id, launching.stop);
    }
  }

  /** Keeps a stop until the session has started, and answers whether it is the first; undefined for one that is not starting. */
  stopOnceStarted(id: string, cause: EndReason): boolean | undefined {
    const launching = this.#launching.get(id);
    if (!launching) return undefined;
    const isFirst = launching.stop === undefined;
    launching.stop ??= cause;
    return isFirst;
  }

  /** Settles what happened while nobody looked. Answers how many sessions were cut off. */
  async reconcile(): Promise<number> {
    const { table, holder, ends, money, mustGet } = this.#options;
    // Asked first: what is launched from now on is none of the past's business.
    const candidates = table.listLive().filter(({ id }) => !this.#launching.has(id));
    const held = await holder.listRunning();
    for (const exit of await holder.listExits()) ends.handleExit(exit);
    for (const { session } of held) this.#endIfGivenUp(session);
    let interrupted = 0;
    for (const { id } of candidates) {
      const row = mustGet(id);
      const running = held.find(({ session }) => session === id);
      if (row.lifecycle === "ended") continue;
      if (running) this.#adopt(row, running);
      else {
        ends.interrupt(row);
        interrupted++;
      }
    }
    money.limitsChanged();
    return interrupted;
  }

  /** The start took longer than anyone waited for, and was said to have failed. */
  #endIfGivenUp(id: string): void {
    const { table, holder, log } = this.#options;
    const row = table.get(id);
    if (row?.lifecycle !== "ended" || row.endReason !== "spawn_failed") return;
    log.warn("A program that was started too late is ended", { session: id });
    holder.kill({ session: id })
      .catch((cause) => log.warn("A call to the holder failed", { session: id, cause }));
  }

  /** A program that runs is not given up because that cannot be stored right now. */
  #markRunning(id: string, started: { pid: number; startedAtMs: number }): SessionRow {
    const { writer, table, mustGet } = this.#options;
    writer.write(() => void table.markRunning(id, started));
    return mustGet(id);
  }

  #spawnFailed(id: string, cause: unknown): SessionView {
    const { log, writer, table, live, mustGet, now } = this.#options;
    log.warn("Cannot start a session", { session: id, cause });
    writer.write(() => {
      table.markEnded(id, {
        reason: "spawn_failed",
        exitCode: undefined,
        exitSignal: undefined,
        failure: errorText(cause),
        recordedBytes: 0,
        endedAtMs: now(),
      });
      live.forget(id);
      live.tell(mustGet(id));
    });
    return live.view(mustGet(id));
  }

  /** A session that went on while the server was away. Supervision is back, so whatever was paused for want of it continues. */
  #adopt(row: SessionRow, held: RunningSession): void {
    const { live, pauses, holder, log, ends } = this.#options;
    live.adopt(row.id, held);
    this.#markRunning(row.id, held);
    if (held.paused && !pauses.isByUser(row.id)) {
      holder.resume({ session: row.id })
        .catch((cause) => log.warn("A call to the holder failed", { session: row.id, cause }));
    }
    if (row.lifecycle === "stopping") ends.resumeStop(row);
  }
}
