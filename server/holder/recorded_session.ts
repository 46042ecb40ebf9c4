// An ended session as a source of bytes.
import type { RecordingRow } from "../store/recordings.ts";
import type { ScreenSnapshot } from "./api.ts";
import type { StreamSource, TerminalResize } from "./output_stream.ts";
import type { Recording } from "./recorder.ts";

export class RecordedSession implements StreamSource {
  readonly ended = true;
  readonly resizes: readonly TerminalResize[];
  readonly initialSize: { cols: number; rows: number };
  readonly #recording: Recording;

  constructor(recording: Recording, row: RecordingRow) {
    this.#recording = recording;
    this.resizes = recording.listResizes();
    this.initialSize = { cols: row.cols, rows: row.rows };
  }

  get end(): number {
    return this.#recording.end;
  }

  read(from: number, maxBytes: number): Uint8Array {
    return this.#recording.read(from, maxBytes);
  }

  gapAt(offset: number): { from: number; to: number } | undefined {
    return this.#recording.gapAt(offset);
  }

  /** The last stored screen; what came after it is sent as output. */
  snapshot(): Promise<ScreenSnapshot> {
    const empty = { offset: 0, ...this.initialSize, ansi: "" };
    return Promise.resolve(this.#recording.getKeyframe(this.end) ?? empty);
  }

  keyframe(offset: number): ScreenSnapshot | undefined {
    return this.#recording.getKeyframe(offset);
  }
}
