// What the pool and its worker tell each other.
import type { Notice } from "./notices.ts";
import type { RestState } from "./rest_state.ts";
import type { RestorePoint, ScreenSnapshot } from "./screen.ts";

/** A stored screen: taken now and then, just before a full-screen program left, or at the end. */
export interface Keyframe extends ScreenSnapshot {
  kind: "periodic" | "last_screen" | "end";
}

export interface ScreenSize {
  cols: number;
  rows: number;
}

export type ToWorker =
  | { type: "configure"; keyframeEveryBytes: number; scrollback: number }
  | { type: "open"; session: string; size: ScreenSize; from: RestorePoint | undefined }
  | { type: "write"; session: string; bytes: Uint8Array; endOffset: number }
  | { type: "resize"; session: string; size: ScreenSize }
  | { type: "ask"; session: string; request: number; what: Question }
  | { type: "drop"; session: string };

/** `rest` and `end` are answered once everything was parsed; `end` stores the last screens and drops the session. */
export type Question = "snapshot" | "text" | "rest" | "end";

export type FromWorker =
  | { type: "reply"; session: string; bytes: Uint8Array }
  | { type: "notice"; session: string; notice: Notice }
  | { type: "keyframe"; session: string; keyframe: Keyframe }
  | { type: "parsed"; session: string; offset: number }
  | { type: "answer"; request: number; value: Answer }
  | { type: "failed"; request: number; message: string }
  | { type: "broken"; session: string; message: string };

/** Nothing for `end`. */
export type Answer = ScreenSnapshot | string[] | RestState | undefined;
