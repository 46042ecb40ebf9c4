// The host interface: everything the server may ask of the holder, as plain data in and out, so that the same calls
// work inside one process and across a socket.
import type { Activity, Timeline } from "../protocol.ts";

/** How a session's program is started. */
export interface SpawnCall {
  session: string;
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  cols: number;
  rows: number;
  /** Its spending is limited by the server alone: pause it when no server is there. */
  pauseUnsupervised?: boolean;
}

export interface SpawnResult {
  pid: number;
  startedAtMs: number;
}

/** A terminal stream to a client: begins with a snapshot, or at `offset` when that was asked for. */
export interface AttachCall {
  /** Chosen by the caller, unique on its connection. */
  channel: number;
  session: string;
  /** Go on here if that is not too far back. */
  from?: number;
}

/** What happened to typed bytes. */
export interface WriteResult {
  /** False when the program does not read and its queue is full; nothing was taken then. */
  accepted: boolean;
  /** The terminal was asking for a secret: line input without echo. */
  hidden: boolean;
  /** Bytes of output when it was written. */
  offset: number;
}

export interface ScreenSnapshot {
  offset: number;
  cols: number;
  rows: number;
  /** Escape sequences that rebuild the screen in a fresh terminal. */
  ansi: string;
}

/** The directory vanished or may not be entered; the program is not there or cannot be executed. */
export type StartFailure = "no_directory" | "no_program";

/** The end of a session's program. Kept by the holder until acknowledged. */
export interface SessionExit {
  session: string;
  code?: number;
  signal?: string;
  /** Why the program never ran. */
  failure?: StartFailure;
  /** Bytes of output in all. */
  offset: number;
  endedAtMs: number;
  /** The holder itself died before it saw the end. */
  lost?: boolean;
}

/** A session the holder knows to be running. */
export interface RunningSession {
  session: string;
  pid: number;
  startedAtMs: number;
  offset: number;
  cols: number;
  rows: number;
  /** Its processes are stopped until `resume`. */
  paused: boolean;
  /** It is paused when no server is there for a while; unknown to the holders of earlier versions. */
  pauseUnsupervised?: boolean;
  /** What the program last reported of itself. */
  activity?: Activity;
  question?: string;
}

/** A process found by the mark in its environment, its session's program or a descendant. */
export interface FoundProcess {
  pid: number;
  /** Compared before any signal, because process ids are used again. */
  startTime: string;
  startedAtMs: number;
  command: string;
  session: string;
}

/** What the holder tells a connected client unasked. Bytes belong to the receiver. */
export type HolderEvent =
  /** First event of a channel; a snapshot follows unless the stream goes on where it was asked to. */
  | { type: "attached"; channel: number; offset: number; cols: number; rows: number }
  | { type: "output"; channel: number; offset: number; bytes: Uint8Array }
  | { type: "snapshot"; channel: number; snapshot: ScreenSnapshot }
  | { type: "resized"; channel: number; offset: number; cols: number; rows: number }
  /** `missingBytes` of the range are not recorded either. */
  | { type: "skipped"; channel: number; from: number; to: number; missingBytes?: number }
  | { type: "end"; channel: number; offset: number }
  | { type: "exit"; exit: SessionExit }
  | { type: "grown"; session: string; offset: number }
  /** Nothing can be stored for the time being, a full disk for example; sessions run on. */
  | { type: "recording_paused"; reason: string }
  /** Everything is stored again, but for what had to be given up meanwhile. */
  | { type: "recording_resumed"; lost: { session: string; bytes: number }[] }
  | { type: "paused"; session: string; paused: boolean }
  /**
   * What the program says it is doing, and what it asks the user; both are its own words. A notification only wants the
   * user to look.
   */
  | { type: "activity"; session: string; activity: Activity; question?: string; isNotification?: true }
  /** The bell has rung, for the last time behind `offset` bytes of output; told with the growth it came with. */
  | { type: "bell"; session: string; offset: number }
  /** What the program wants the user to see beside its output, behind `offset` bytes of it. */
  | { type: "notice"; session: string; offset: number; notice: ProgramNotice };

/** A program's words are untrusted, clean of control characters and bounded. */
export type ProgramNotice =
  | { kind: "notification"; text: string }
  /** It tried to set the clipboard to so many bytes that begin with `text`; nothing was set. */
  | { kind: "clipboard"; bytes: number; text: string }
  /** So many notices came at once that these are only counted. */
  | { kind: "dropped"; count: number };

/** What one recording takes. */
export interface RecordingUse {
  session: string;
  startedAtMs: number;
  /** Null while it runs. */
  endedAtMs: number | null;
  /** Retention leaves it alone. */
  keep: boolean;
  /** Compressed, without the database's own overhead. */
  storedBytes: number;
  /** Output as it came, as far as it is stored. */
  rawBytes: number;
}

/** Every call rejects with AppError: `not_found` for an unknown session or channel, `conflict` for one that has ended. */
export interface HolderApi {
  /** Starts a program in a terminal of its own. Rejects with `unavailable` when the system refuses. */
  spawn(call: SpawnCall): Promise<SpawnResult>;
  write(call: { session: string; bytes: Uint8Array }): Promise<WriteResult>;
  resize(call: { session: string; cols: number; rows: number }): Promise<void>;
  /** Signals the session's program, or every process that can be found of it. Answers how many were signalled. */
  signal(call: { session: string; signal: Deno.Signal; scope: "leader" | "tree" }): Promise<number>;
  /** Freezes and kills every process of the session until none is found twice in a row. Answers how many survive. */
  kill(call: { session: string }): Promise<number>;
  /** Stops every process of the session where it stands, and says why in its terminal. */
  pause(call: { session: string; reason: string }): Promise<void>;
  /** Lets a paused session go on. */
  resume(call: { session: string }): Promise<void>;
  /** Whether a running session is paused when no server is there; unknown sessions and those that ended are ignored. */
  setPauseUnsupervised(call: { session: string; on: boolean }): Promise<void>;
  /** How many processes of the session are alive. */
  countProcesses(call: { session: string }): Promise<number>;
  /** Begins a stream of events on a channel; resolves once `attached` was sent. */
  attach(call: AttachCall): Promise<void>;
  /** The client has dealt with a channel's stream up to `offset`. Unknown channels are ignored: they may just have gone. */
  acknowledge(call: { channel: number; offset: number }): Promise<void>;
  detach(call: { channel: number }): Promise<void>;
  /** Recorded bytes from `from`, at most `maxBytes`; empty at the end. */
  read(call: { session: string; from: number; maxBytes: number }): Promise<Uint8Array>;
  timeline(call: { session: string }): Promise<Timeline>;
  /** The newest stored screen at or before `offset`; undefined means the empty screen at 0. */
  keyframe(call: { session: string; offset: number }): Promise<ScreenSnapshot | undefined>;
  /** Plain lines of a running session's screen. */
  screenText(call: { session: string }): Promise<string[]>;
  listRunning(): Promise<RunningSession[]>;
  /** Ends that were not acknowledged yet, also those of before a restart. */
  listExits(): Promise<SessionExit[]>;
  /** The server has noted an end. A recording that nobody writes any more is closed by this. */
  acknowledgeExit(call: { session: string }): Promise<void>;
  /** Removes the recording of an ended session. */
  delete(call: { session: string }): Promise<void>;
  listRecordings(): Promise<RecordingUse[]>;
  setKeep(call: { session: string; keep: boolean }): Promise<void>;
  /** Raw bytes kept of one recording; beyond, its middle is thinned. */
  setRecordingCap(call: { bytes: number }): Promise<void>;
  /** Everything wrong with the recordings' file; empty when all is well. `full` reads all of it. */
  checkRecordings(call: { depth: "quick" | "full" }): Promise<string[]>;
  /** Processes of this data directory's earlier sessions that are still alive. */
  findSurvivors(): Promise<FoundProcess[]>;
  /** Ends the given survivors with their trees. Answers the pids that are gone. */
  endSurvivors(call: { processes: FoundProcess[] }): Promise<number[]>;
}
