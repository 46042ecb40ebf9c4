// Every shape that crosses the wire between the server and its page, and the codec of binary frames.
// It imports nothing; `ui/` imports this file and no other of the server.

/** What runs inside a session, decided once at launch from the command. */
export type SessionKind = "claude" | "codex" | "shell";

/** Where a session is in its life; `ended` always comes with an `EndReason`. */
export type Lifecycle = "starting" | "running" | "stopping" | "ended";

/** Why a session ended: the cause of the first signal wins, exactly one per session. */
export type EndReason = "exited" | "user_stop" | "budget" | "idle_timeout" | "crash" | "spawn_failed";

/** What the program inside says it is doing; `unknown` until it says so. */
export type Activity = "working" | "needs_you" | "idle" | "unknown";

/** The repository a session runs in, as found at launch. */
export interface RepositoryView {
  /** Absolute path of the work tree's root. */
  root: string;
  name: string;
  /** Undefined on a detached HEAD. */
  branch?: string;
}

/** How far the stop ladder has come, while `lifecycle` is `stopping`. */
export interface StopProgress {
  step: "asked" | "hang_up" | "terminate" | "kill";
  startedAtMs: number;
  /** When nothing of the session may be left any more. */
  deadlineAtMs: number;
  /** Processes of the session that are still alive. */
  remaining: number;
}

/** One session as lists and headers show it. Safe to receive twice: ignore a `revision` lower than the one you have. */
export interface SessionView {
  id: string;
  conversationId: string;
  revision: number;
  kind: SessionKind;
  /** Given by the user; the page shows `command` when it is missing. */
  title?: string;
  command: string;
  /** Resolved absolute directory. */
  cwd: string;
  repository?: RepositoryView;
  lifecycle: Lifecycle;
  endReason?: EndReason;
  exitCode?: number;
  exitSignal?: string;
  /** What went wrong, for `spawn_failed` and `crash`. */
  failure?: string;
  activity: Activity;
  held: boolean;
  paused: boolean;
  stop?: StopProgress;
  pid?: number;
  cols: number;
  rows: number;
  createdAtMs: number;
  startedAtMs?: number;
  endedAtMs?: number;
  /** Raw bytes of terminal output so far. */
  recordedBytes: number;
}

/** A page of a list; `next` is the cursor of the following page. */
export interface Page<Item> {
  items: Item[];
  next?: string;
}

/** Body of every failed api call. */
export interface ErrorBody {
  error: { code: string; message: string; field?: string };
}

/** `POST /api/login` */
export interface LoginRequest {
  code: string;
}
export interface LoginResponse {
  /** Sent as `x-page-key` with every api call and as the first socket message. */
  pageKey: string;
}

/** `POST /api/sessions` */
export interface LaunchRequest {
  cwd: string;
  command: string;
  title?: string;
  cols?: number;
  rows?: number;
}

/** `GET /api/launch-check?cwd=&command=`: what a launch would do, asked while the user types. */
export interface LaunchCheck {
  cwd: { ok: true; path: string; repository?: RepositoryView } | { ok: false; message: string };
  command: {
    kind: SessionKind;
    /** Whether it is started directly or through the user's shell. */
    mode: "direct" | "shell";
    /** Absolute path of the program, when it is started directly and was found. */
    program?: string;
    /** Why it cannot start, and what to do about it. */
    problem?: string;
  };
}

/** `GET /api/directories?prefix=`: directories that continue what was typed. */
export interface DirectorySuggestion {
  path: string;
  isRepository: boolean;
  branch?: string;
}

/** `GET /api/recents`: what was launched before, newest first, each combination once. */
export interface Recents {
  directories: DirectorySuggestion[];
  launches: { cwd: string; command: string; title?: string; kind: SessionKind; lastUsedAtMs: number }[];
}

/** An agent CLI this program knows, and whether it can be started here. */
export interface AgentView {
  kind: "claude" | "codex";
  name: string;
  command: string;
  /** Absolute path; missing when it is not installed. */
  path?: string;
  /** How to get it. */
  install: string;
}

/** `GET /api/status` */
export interface StatusView {
  version: string;
  address: string;
  agentAddress: string;
  dataDirectory: string;
  homeDirectory: string;
  platform: string;
  sqliteVersion: string;
  gitVersion?: string;
  startedAtMs: number;
  agents: AgentView[];
}

/** A process of an earlier run that outlived its session. */
export interface SurvivorView {
  pid: number;
  startedAtMs: number;
  command: string;
  sessionId: string;
  sessionTitle: string;
}

/** One row of `GET /api/sessions/:id/events`, newest first. */
export interface SessionEvent {
  id: number;
  atMs: number;
  /** Marker kinds, and `input` for the audit of what was typed. */
  kind: MarkerKind | "input";
  /** Offset in the recording when it happened. */
  offset: number;
  /** For `input`: the text, or how many bytes were typed while echo was off. */
  text: string;
}

export type MarkerKind =
  | "started"
  | "stop_requested"
  | "stop_step"
  | "process_exit"
  | "user_exit"
  | "user_interrupt"
  | "crash_recovery"
  | "survivors_ended"
  | "recording_gap";

/** `GET /api/sessions/:id/timeline`: what the scrubber needs. */
export interface Timeline {
  /** Bytes recorded. */
  end: number;
  startedAtMs: number;
  endedAtMs?: number;
  cols: number;
  rows: number;
  /** `[offset, milliseconds since the start]` at the start of each recorded block, at most 2,000, ascending. */
  times: [number, number][];
  resizes: { offset: number; cols: number; rows: number }[];
  /** Where the last full-screen program left, so that its last screen can be shown; only if near the end. */
  lastScreenOffset?: number;
}

/** `GET /api/sessions/:id/keyframe?offset=`: the newest stored screen at or before an offset. */
export interface Keyframe {
  offset: number;
  cols: number;
  rows: number;
  /** Escape sequences that rebuild the screen in a fresh terminal of that size. */
  ansi: string;
}

/** User settings, all with defaults. */
export interface Settings {
  theme: "system" | "dark" | "light";
  fontSize: number;
  copyOnSelect: boolean;
  screenReader: boolean;
  loginShell: boolean;
}

/** Text messages from the page. The first must be `auth`, within 3 s. */
export type ClientMessage =
  | { type: "auth"; key: string }
  /** Asks for a session's terminal: from an offset (resume), or from a fresh snapshot. */
  | { type: "subscribe"; request: number; sessionId: string; from?: number; historyBytes?: number }
  | { type: "unsubscribe"; channel: number }
  /** Everything up to this offset was parsed by the page's terminal. */
  | { type: "ack"; channel: number; offset: number }
  /** Sets the terminal's size; ignored from clients that do not own it unless `takeOver`. */
  | { type: "resize"; channel: number; cols: number; rows: number; takeOver?: boolean }
  | { type: "ping" };

/** Text messages to the page. */
export type ServerMessage =
  /** The credentials were right. `instance` changes with every start of the server. */
  | { type: "ready"; instance: string; version: string }
  | { type: "session"; session: SessionView }
  | { type: "session_deleted"; sessionId: string }
  /** Answers `subscribe`. A snapshot frame follows unless the stream goes on at the asked offset. */
  | {
    type: "subscribed";
    request: number;
    channel: number;
    sessionId: string;
    offset: number;
    cols: number;
    rows: number;
    ownsSize: boolean;
  }
  /** From this offset on the terminal has this size; ordered with the output frames. */
  | { type: "resized"; channel: number; offset: number; cols: number; rows: number }
  | { type: "size_owner"; channel: number; ownsSize: boolean }
  /** The page was too far behind: it continues with the snapshot that follows. */
  | { type: "skipped"; channel: number; from: number; to: number }
  /** No output comes after this offset. */
  | { type: "end"; channel: number; offset: number }
  | { type: "error"; request?: number; channel?: number; sessionId?: string; error: ErrorBody["error"] }
  | { type: "pong" };

/** Close codes of the socket. */
export const SOCKET_CLOSE = {
  leaving: 1001,
  limits: 1008,
  size: 1009,
  credentials: 4401,
  slowAuth: 4408,
} as const;

/** Kinds of binary frames. A snapshot's body is `u16 cols | u16 rows | escape sequences`. */
export const FRAME = { output: 1, snapshot: 2, input: 3 } as const;

export interface Frame {
  kind: number;
  channel: number;
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Bytes of a binary frame before its body: `u8 kind | u32 channel | u64 offset`, big endian. */
export const FRAME_HEADER_BYTES = 13;

/** Unacknowledged bytes a page may be sent per channel, and how often it should acknowledge. */
export const CREDIT_WINDOW_BYTES = 512 * 1024;
export const ACK_EVERY_BYTES = 100_000;

/** Lays out a frame in one new buffer. */
export function encodeFrame(
  frame: { kind: number; channel: number; offset: number; bytes: Uint8Array },
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(FRAME_HEADER_BYTES + frame.bytes.length);
  const view = new DataView(out.buffer);
  view.setUint8(0, frame.kind);
  view.setUint32(1, frame.channel);
  view.setBigUint64(5, BigInt(frame.offset));
  out.set(frame.bytes, FRAME_HEADER_BYTES);
  return out;
}

/** Reads a frame; the body is a view of the given buffer. Undefined for anything that is not a frame. */
export function decodeFrame(data: ArrayBuffer): Frame | undefined {
  if (data.byteLength < FRAME_HEADER_BYTES) return undefined;
  const view = new DataView(data);
  const kind = view.getUint8(0);
  const offset = view.getBigUint64(5);
  if (kind < FRAME.output || kind > FRAME.input || offset > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return {
    kind,
    channel: view.getUint32(1),
    offset: Number(offset),
    bytes: new Uint8Array(data, FRAME_HEADER_BYTES),
  };
}

/** Body of a snapshot frame. */
export function encodeSnapshot(
  snapshot: { cols: number; rows: number; ansi: Uint8Array },
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(4 + snapshot.ansi.length);
  const view = new DataView(out.buffer);
  view.setUint16(0, snapshot.cols);
  view.setUint16(2, snapshot.rows);
  out.set(snapshot.ansi, 4);
  return out;
}

/** Reads the body of a snapshot frame; undefined when it is too short. */
export function decodeSnapshot(
  body: Uint8Array<ArrayBuffer>,
): { cols: number; rows: number; ansi: Uint8Array<ArrayBuffer> } | undefined {
  if (body.length < 4) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  return { cols: view.getUint16(0), rows: view.getUint16(2), ansi: body.subarray(4) };
}
