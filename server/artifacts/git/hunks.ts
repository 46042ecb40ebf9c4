// Reads the places of changes out of a diff without context, by the counts of its hunk heads: content can say anything.
import { bytePathOf } from "./path_bytes.ts";

const LINE_FEED = 10;
const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;
const MAX_HEAD_BYTES = 4096;

/** Fed with the output of `git diff -U0` in any pieces. */
export class HunkReader {
  readonly hunks: [number, number, number, number][] = [];
  /** Lines of content that follow the last head. */
  #content = 0;
  /** The line that is not ended yet, as far as it may be a head. */
  #line = "";

  take(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const end = chunk.indexOf(LINE_FEED, at);
      const stop = end < 0 ? chunk.length : end;
      if (this.#content === 0 && this.#line.length < MAX_HEAD_BYTES) {
        this.#line += bytePathOf(chunk.subarray(at, Math.min(stop, at + MAX_HEAD_BYTES)));
      } else if (this.#line === "") {
        this.#line = bytePathOf(chunk.subarray(at, Math.min(stop, at + 1)));
      }
      if (end >= 0) this.#endLine();
      at = stop + 1;
    }
  }

  #endLine(): void {
    const line = this.#line;
    this.#line = "";
    // Said in between, and counted by nobody: "\ No newline at end of file".
    if (line.startsWith("\\")) return;
    if (this.#content > 0) {
      this.#content--;
      return;
    }
    const [, oldStart, oldCount = "1", newStart, newCount = "1"] = line.match(HUNK) ?? [];
    if (oldStart === undefined) return;
    this.hunks.push([Number(oldStart), Number(oldCount), Number(newStart), Number(newCount)]);
    this.#content = Number(oldCount) + Number(newCount);
  }
}
