// How sessions end: stops that are asked for, ends that the holder tells of, and what is stored of them.
import type { AgentLauncher } from "../agents/launcher.ts";
import type { Clock } from "../clock.ts";
import { isStorageFailure } from "../errors.ts";
import type { HolderApi, SessionExit, StartFailure } from "../holder/api.ts";
import type { Log } from "../log.ts";
import type { EndReason, StopProgress } from "../protocol.ts";
import type { SessionRow, SessionTable } from "../store/sessions.ts";
import type { LiveSessions } from "./live_sessions.ts";
import type { PatientWriter } from "./patient_writer.ts";
import type { SessionHistory } from "./session_history.ts";
import { Stops } from "./stops.ts";

export interface SessionEndsOptions extends Pick<Clock, "now" | "wait"> {
  holder: HolderApi;
  table: SessionTable;
  launcher: Pick<AgentLauncher, "cleanUp">;
  live: LiveSessions;
  history: SessionHistory;
  writer: PatientWriter;
  log: Log;
}

const START_FAILURES: Record<StartFailure, string> = {
  no_directory: "The directory vanished, or may not be entered",
  no_program: "The program is not there, or may not be executed",
};

export class SessionEnds {
  readonly #options: SessionEndsOptions;
  readonly #stops: Stops;
  /** Ends of programs whose trees are still being stopped. */
  readonly #exits = new Map<string, SessionExit>();

  constructor(options: SessionEndsOptions) {
    this.#options = options;
    this.#stops = new Stops({
      ...options,
      isPaused: (id) => options.live.isPaused(id),
      hasEnded: (id) => this.#exits.has(id),
      onProgress: (id, stop) => this.#noteProgress(id, stop),
      onDone: (id) => {
        const exit = this.#exits.get(id);
        if (exit) this.handleExit(exit);
      },
    });
  }

  /** Begins to stop a session; false when it has ended, or is being stopped already. */
  tryStop(id: string, cause: EndReason): boolean {
    const stopping = this.#markStopping(id, cause);
    if (!stopping) return false;
    this.#options.history.addMarker(id, { kind: "stop_requested", text: cause });
    this.#stops.start(id, stopping.kind);
    this.#options.live.tell(stopping);
    return true;
  }

  /** Goes on with a stop that began while another server was here. */
  resumeStop({ id, kind }: SessionRow): void {
    this.#stops.start(id, kind);
  }

  /** Resolves when no stop is under way any more. */
  async stopsFinished(): Promise<void> {
    await this.#stops.finished();
  }

  /** While a stop is under way the end is told when the whole tree is gone. */
  handleExit(exit: SessionExit): void {
    const { session: id } = exit;
    if (this.#stops.has(id)) {
      this.#exits.set(id, exit);
      return;
    }
    this.#exits.delete(id);
    this.#options.history.settle(id);
    this.#options.writer.write(() => this.#noteEnd(exit));
  }

  /** A session that the holder knows nothing of: its end was not seen by anyone. */
  interrupt({ id, recordedBytes }: SessionRow): void {
    this.#options.writer.write(() =>
      this.#noteEnd({ session: id, lost: true, offset: recordedBytes, endedAtMs: this.#options.now() })
    );
  }

  #noteProgress(id: string, stop: StopProgress): void {
    const { live, history } = this.#options;
    if (stop.step !== live.get(id)?.stop?.step) {
      history.addMarker(id, { kind: "stop_step", text: stop.step });
    }
    live.update(id, { stop });
  }

  /** A full disk keeps nobody from stopping: why it was stopped is stored before its end is. */
  #markStopping(id: string, cause: EndReason): SessionRow | undefined {
    const { table, writer } = this.#options;
    if (this.#stops.has(id)) return undefined;
    try {
      return table.markStopping(id, cause) ?? this.#findStalled(id);
    } catch (failure) {
      const row = isStorageFailure(failure) ? table.get(id) : undefined;
      if (!row || row.lifecycle === "ended") throw failure;
      writer.write(() => void table.markStopping(id, cause));
      return { ...row, lifecycle: "stopping", stopCause: cause };
    }
  }

  /** A session whose stop has failed: the next one begins anew. */
  #findStalled(id: string): SessionRow | undefined {
    const row = this.#options.table.get(id);
    return row?.lifecycle === "stopping" ? row : undefined;
  }

  /** The holder remembers an end until it was noted here. */
  #noteEnd(exit: SessionExit): void {
    const { session: id } = exit;
    const { table, history, live, launcher, holder, log } = this.#options;
    const row = table.markEnded(id, {
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
      history.addMarker(id, {
        kind: exit.lost ? "crash_recovery" : "process_exit",
        offset: exit.offset,
        text: exitText(exit),
      });
      live.forget(id);
      launcher.cleanUp(id);
      live.tell(row);
    }
    holder.acknowledgeExit({ session: id })
      .catch((cause) => log.warn("A call to the holder failed", { session: id, cause }));
  }
}

function exitText({ code, signal, lost }: SessionExit): string {
  if (lost) return "The end was not seen";
  return signal === undefined ? `exit code ${code ?? 0}` : `ended by ${signal}`;
}
