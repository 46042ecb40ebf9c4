// Owns every running program of a data directory: terminals, recordings, screens. Clients connect to it.
import { AppError, errorText, isDamage } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Activity } from "../protocol.ts";
import type { RecordingRow, RecordingStore } from "../store/recordings.ts";
import type {
  FoundProcess,
  HolderApi,
  HolderEvent,
  ProgramNotice,
  ScreenSnapshot,
  SessionExit,
  SpawnCall,
  SpawnResult,
} from "./api.ts";
import { HolderConnection } from "./connection.ts";
import { LiveSession, type Screens, type Terminal } from "./live_session.ts";
import type { StreamSource } from "./output_stream.ts";
import { RecordedSession } from "./recorded_session.ts";
import { type LostOutput, Recorder } from "./recorder.ts";
import type { Recording } from "./recording.ts";

/** How a program in a terminal ended. */
export type ProgramExit = Pick<SessionExit, "code" | "signal" | "failure">;

/** Starts programs in pseudo-terminals. */
export interface Terminals {
  spawn(
    options: Omit<SpawnCall, "session">,
    listener: { onData(bytes: Uint8Array): void; onExit(exit: ProgramExit): void },
  ): Terminal;
}

/** Finds and signals every process of one session. */
export interface ProcessGroup {
  /** Looks at the process table, so that children which leave later are remembered. */
  scan(): number;
  signal(name: Deno.Signal): number;
  /** Answers how many could not be ended. */
  kill(): Promise<number>;
}

export interface Processes {
  /** Follows the processes of a running session. */
  track(leader: { pid: number; session: string; ownsTerminal: () => boolean }): ProcessGroup;
  /** Variables that mark a session's processes. */
  mark(session: string): Record<string, string>;
  /** Processes that carry this data directory's mark. */
  find(): FoundProcess[];
  /** Ends found processes with their descendants; answers which are gone. */
  end(processes: FoundProcess[]): Promise<number[]>;
}

/** What the screens report; given to whoever makes them. */
export interface ScreenListener {
  onReply(session: string, bytes: Uint8Array): void;
  /** The screen has dealt with the output up to `offset`. */
  onParsed(session: string, offset: number): void;
  /** What the program says it is doing, and what it asks, if anything. */
  onActivity(session: string, said: { activity: Activity; question?: string; isNotification?: true }): void;
  /** The bell has rung behind `offset` bytes of output. */
  onBell(session: string, offset: number): void;
  onProgramNotice(session: string, told: { offset: number; notice: ProgramNotice }): void;
  onKeyframe(session: string, keyframe: ScreenSnapshot & { kind: "periodic" | "last_screen" | "end" }): void;
}

/** Work on the recordings behind the scenes. */
export interface RecordingMaintenance {
  noteStored(stored: { bytes: number; blocks: number; ended: number }): void;
  /** A pass is worth it: something was deleted. */
  runSoon(): void;
  setCap(bytes: number): void;
  check(depth: "quick" | "full"): Promise<string[]>;
}

export interface HolderOptions {
  store: RecordingStore;
  maintenance: RecordingMaintenance;
  terminals: Terminals;
  processes: Processes;
  createScreens: (listener: ScreenListener) => Screens;
  now: () => number;
  /** A clock of a session's own, which never runs backwards. */
  startClock?: () => () => number;
  log: Log;
  /** Throws when another program would be too much for this process. */
  assertRoom?: () => void;
  /** Something could not be stored or read. */
  onStorageFailure?: (cause: unknown) => void;
  /** False while another holder may still write to the same recordings. */
  ownsAllRecordings: boolean;
}

/** Growth of recordings is told at most this often. */
const GROWN_EVERY_MS = 1000;

export class Holder {
  readonly #options: HolderOptions;
  readonly #recorder: Recorder;
  readonly #screens: Screens;
  readonly #running = new Map<string, LiveSession>();
  /** Kept after the program's end while children of it are alive. */
  readonly #groups = new Map<string, ProcessGroup>();
  /** Ended, but their screens still store their last keyframes. */
  readonly #finishing = new Map<string, LiveSession>();
  readonly #connections = new Set<HolderConnection>();
  readonly #grown = new Set<string>();
  /** Where bells have rung since growth was told of. */
  readonly #bells = new Map<string, number>();
  /** Ends that were not acknowledged, stored or not. */
  readonly #exits = new Map<string, SessionExit>();
  #grownTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: HolderOptions) {
    this.#options = options;
    this.#recorder = new Recorder({
      store: options.store,
      now: options.now,
      ...(options.startClock === undefined ? {} : { startClock: options.startClock }),
      onError: (cause) => {
        options.log.warn("Cannot store terminal output; trying again", { cause: errorText(cause) });
        options.onStorageFailure?.(cause);
      },
      onPaused: (cause) => this.#broadcast({ type: "recording_paused", reason: errorText(cause) }),
      onResumed: (lost) => this.#noteLost(lost),
      onStored: (stored) => options.maintenance.noteStored(stored),
    });
    this.#screens = options.createScreens({
      onReply: (session, bytes) => this.#running.get(session)?.reply(bytes),
      onParsed: (session, offset) => this.#find(session)?.screenParsed(offset),
      onActivity: (session, said) => {
        if (!said.isNotification) this.#running.get(session)?.noteReport(said);
        this.#broadcast({ type: "activity", session, ...said });
      },
      onBell: (session, offset) => this.#noteBell(session, offset),
      onProgramNotice: (session, told) => this.#broadcast({ type: "notice", session, ...told }),
      onKeyframe: (session, keyframe) => this.#storeKeyframe(session, keyframe),
    });
    if (options.ownsAllRecordings) this.#closeCutOffRecordings();
  }

  /** A client's own view: its channels end with it. */
  connect(listener: (event: HolderEvent) => void): HolderApi & { close(): void } {
    const connection = new HolderConnection({
      holder: this,
      send: listener,
      onClose: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
    return connection;
  }

  spawn(call: SpawnCall): SpawnResult {
    if (this.#options.store.getRecording(call.session)) {
      throw new AppError("conflict", `Cannot start session "${call.session}": it was started before`);
    }
    this.#options.assertRoom?.();
    const recording = this.#recorder.start(call);
    const session = new LiveSession({ call, recording, screens: this.#screens });
    try {
      const terminal = this.#options.terminals.spawn({
        ...call,
        env: { ...call.env, ...this.#options.processes.mark(call.session) },
      }, {
        onData: (bytes) => this.#receive(session, bytes),
        onExit: (exit) => this.#finish(session, exit),
      });
      session.adopt(terminal);
      const leader = { pid: terminal.pid, session: session.id, ownsTerminal: () => !terminal.closed };
      this.#groups.set(session.id, this.#options.processes.track(leader));
      this.#running.set(session.id, session);
      return { pid: terminal.pid, startedAtMs: recording.startedAtMs };
    } catch (cause) {
      void this.#screens.end(call.session);
      this.#options.store.deleteRecording(call.session);
      throw new AppError("unavailable", cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  /** What a client that has just connected must know of how things stand. */
  standing(): HolderEvent[] {
    const reason = this.#recorder.pausedReason;
    return [
      reason === undefined ? { type: "recording_resumed", lost: [] } : { type: "recording_paused", reason },
    ];
  }

  /** A running session. Throws `conflict` when it has ended, `not_found` when it never was. */
  getRunning(id: string): LiveSession {
    const running = this.#running.get(id);
    if (running) return running;
    const known = this.#options.store.getRecording(id);
    throw known
      ? new AppError("conflict", "The session has ended")
      : new AppError("not_found", `Cannot find session "${id}"`);
  }

  /** Streams that have sent everything are told at once: a program may answer to it with nothing. */
  resize(id: string, { cols, rows }: { cols: number; rows: number }): void {
    this.getRunning(id).resize(cols, rows);
    for (const connection of this.#connections) connection.pump(id);
  }

  /** The bytes of any session, running or ended. */
  openSource(id: string): StreamSource {
    const live = this.#find(id);
    if (live) return live;
    const opened = this.#recorder.open(id);
    if (!opened) throw new AppError("not_found", `Cannot find a recording of session "${id}"`);
    return new RecordedSession(opened.recording, opened.row);
  }

  /** Stops a session's processes where they stand, and says so in its terminal. */
  pause(id: string, reason: string): void {
    const session = this.getRunning(id);
    if (session.paused) return;
    this.#groups.get(id)?.signal("SIGSTOP");
    this.#setPaused(session, true);
    this.#say(session, `Paused: ${reason}`);
  }

  resume(id: string): void {
    const session = this.getRunning(id);
    if (!session.paused) return;
    this.#say(session, "Continued");
    this.#setPaused(session, false);
    this.#groups.get(id)?.signal("SIGCONT");
  }

  /** Ignores sessions that have ended. */
  setPauseUnsupervised(id: string, on: boolean): void {
    const session = this.#running.get(id);
    if (session) session.pauseUnsupervised = on;
  }

  /** Pauses whoever asked for it, because nobody watches what they spend. */
  pauseUnsupervised(): void {
    for (const session of this.#running.values()) {
      if (session.pauseUnsupervised) {
        this.pause(session.id, "Agents Fleet is not running and cannot watch its budget");
      }
    }
  }

  /** What a call of a client failed for, as it may be told: damage is noted, and explained. */
  explain(cause: unknown): unknown {
    const damage = [cause, cause instanceof Error && cause.cause].find(isDamage);
    if (!damage) return cause;
    this.#options.onStorageFailure?.(damage);
    return new AppError(
      "unavailable",
      "The file of recordings is damaged. It is put aside, and a new one begins, as soon as no session runs",
      { cause },
    );
  }

  /** Whether programs run, or their last screens are still to come. */
  get busy(): boolean {
    return this.#running.size > 0 || this.#finishing.size > 0;
  }

  /** Whether something is only in memory: output or ends that a full disk does not take. */
  get hasUnstored(): boolean {
    return this.#recorder.hasUnstored;
  }

  /** The server has noted an end; a recording without one that is not running here was cut off. */
  acknowledgeExit(id: string): void {
    const { store } = this.#options;
    const isSeen = this.#running.has(id) || this.#exits.has(id);
    const row = isSeen ? undefined : store.getRecording(id);
    if (row && row.endedAtMs === null) this.#closeCutOff(row);
    store.acknowledgeExit(id);
    this.#exits.delete(id);
  }

  /** Live processes of a session, also after its program has ended. */
  countProcesses(id: string): number {
    const count = this.#groups.get(id)?.scan() ?? 0;
    if (count === 0 && !this.#running.has(id)) this.#groups.delete(id);
    return count;
  }

  /** Undefined when nothing of the session is left. */
  getGroup(id: string): ProcessGroup | undefined {
    return this.#groups.get(id);
  }

  /** The recording of any session, for reads that are not a stream. */
  openRecording(id: string): Recording {
    const live = this.#find(id);
    const recording = live?.recording ?? this.#recorder.open(id)?.recording;
    if (!recording) throw new AppError("not_found", `Cannot find a recording of session "${id}"`);
    return recording;
  }

  /** Removes the recording of an ended session. */
  delete(id: string): void {
    if (this.#running.has(id)) {
      throw new AppError("conflict", "Cannot delete a running session: stop it first");
    }
    this.#finishing.delete(id);
    this.#options.store.deleteRecording(id);
    this.#options.maintenance.runSoon();
  }

  listRunning(): LiveSession[] {
    return [...this.#running.values()];
  }

  listExits(): SessionExit[] {
    const stored = this.#options.store.listUnacknowledged().filter(({ session }) =>
      !this.#exits.has(session)
    );
    return [...this.#exits.values(), ...stored.map((row) => this.#exitOf(row))];
  }

  get store(): RecordingStore {
    return this.#options.store;
  }

  get maintenance(): RecordingMaintenance {
    return this.#options.maintenance;
  }

  get processes(): Processes {
    return this.#options.processes;
  }

  /** Stores what is pending and forgets the screens. Programs that still run and the store are left alone. */
  close(): void {
    clearTimeout(this.#grownTimer);
    for (const connection of [...this.#connections]) connection.close();
    this.#screens.close();
    this.#recorder.close();
  }

  #receive(session: LiveSession, bytes: Uint8Array): void {
    session.receive(bytes);
    for (const connection of this.#connections) connection.pump(session.id);
    this.#grown.add(session.id);
    this.#grownTimer ??= setTimeout(() => this.#tellGrown(), GROWN_EVERY_MS);
  }

  /** A flood of bells is one. */
  #noteBell(session: string, offset: number): void {
    this.#bells.set(session, offset);
    this.#grownTimer ??= setTimeout(() => this.#tellGrown(), GROWN_EVERY_MS);
  }

  #tellGrown(): void {
    this.#grownTimer = undefined;
    for (const id of this.#grown) {
      const session = this.#running.get(id);
      // Children that will leave their parents, terminal and environment behind are met while they still have them.
      this.#groups.get(id)?.scan();
      if (session) this.#broadcast({ type: "grown", session: id, offset: session.end });
    }
    this.#grown.clear();
    for (const [session, offset] of this.#bells) this.#broadcast({ type: "bell", session, offset });
    this.#bells.clear();
  }

  #finish(session: LiveSession, exit: ProgramExit): void {
    const endedAtMs = session.recording.nowMs;
    const ended = { session: session.id, ...exit, offset: session.end, endedAtMs };
    this.#exits.set(session.id, ended);
    session.finish({ ...exit, endedAtMs });
    this.#running.delete(session.id);
    this.countProcesses(session.id);
    this.#finishing.set(session.id, session);
    for (const connection of this.#connections) connection.pump(session.id);
    this.#broadcast({ type: "exit", exit: ended });
    session.screenFed()
      .then(() => this.#screens.end(session.id))
      .catch((cause) =>
        this.#options.log.warn("Cannot store the last screen", { session: session.id, cause })
      )
      .finally(() => this.#finishing.delete(session.id));
  }

  #storeKeyframe(id: string, keyframe: ScreenSnapshot & { kind: "periodic" | "last_screen" | "end" }): void {
    const session = this.#find(id);
    if (!session) return;
    session.recording.addKeyframe(keyframe);
    if (keyframe.kind === "last_screen") session.recording.setLastScreen(keyframe.offset);
  }

  /** Sessions that lost output store their screen, so that a seek past the gap shows the right thing. */
  #noteLost(lost: LostOutput[]): void {
    for (const { session } of lost) {
      const live = this.#running.get(session);
      live?.snapshot().then(
        (snapshot) => live.recording.addKeyframe(snapshot),
        (cause) => this.#options.log.warn("Cannot store a screen after a gap", { session, cause }),
      );
    }
    const summary = lost.map(({ session, gaps }) => ({
      session,
      bytes: gaps.reduce((sum, { length }) => sum + length, 0),
    }));
    this.#broadcast({ type: "recording_resumed", lost: summary });
  }

  /** A session whose screen may still have work. */
  #find(id: string): LiveSession | undefined {
    return this.#running.get(id) ?? this.#finishing.get(id);
  }

  #broadcast(event: HolderEvent): void {
    for (const connection of this.#connections) connection.tell(event);
  }

  /** Whatever was being recorded when the last holder died ended with it. */
  #closeCutOffRecordings(): void {
    const { store } = this.#options;
    for (const row of store.listOpenRecordings()) this.#closeCutOff(row);
  }

  #closeCutOff({ id, startedAtMs }: RecordingRow): void {
    const { store } = this.#options;
    store.endRecording(id, { endedAtMs: store.getLastBlockTime(id) ?? startedAtMs });
  }

  #setPaused(session: LiveSession, paused: boolean): void {
    session.paused = paused;
    this.#broadcast({ type: "paused", session: session.id, paused });
  }

  /** A line of our own among the program's output, recorded like it. */
  #say(session: LiveSession, text: string): void {
    this.#receive(session, new TextEncoder().encode(`\r\n\x1b[0;7m Agents Fleet \x1b[0m ${text}\r\n`));
  }

  #exitOf(row: RecordingRow): SessionExit {
    return {
      session: row.session,
      offset: this.#options.store.getEnd(row.id),
      endedAtMs: row.endedAtMs ?? row.startedAtMs,
      ...(row.exitCode === null ? {} : { code: row.exitCode }),
      ...(row.exitSignal === null ? {} : { signal: row.exitSignal }),
      ...(row.startFailure === null ? {} : { failure: row.startFailure }),
      ...(row.exitCode === null && row.exitSignal === null ? { lost: true } : {}),
    };
  }
}
