import assert from "node:assert/strict";
import { SequenceTracker } from "./sequence_tracker.ts";
import { PlainTerminal } from "./testing/plain_terminal.ts";
import { Random } from "./testing/random.ts";
import { randomOutput } from "./testing/random_output.ts";

const RANDOM_STREAMS = 1500;
const GROUND = 0;

const encoder = new TextEncoder();

function scanText(text: string): { complete: number; cuts: number[]; state: number } {
  const tracker = new SequenceTracker();
  return { ...tracker.scan(encoder.encode(text)), state: tracker.state };
}

function bytesOf(random: Random): Uint8Array {
  const { steps } = randomOutput(random, { steps: random.between(1, 60), fixedSize: true });
  return Uint8Array.from(steps.flatMap((step) => "bytes" in step ? [...step.bytes] : []));
}

Deno.test("the tracker is in the state of xterm's parser, and at ground where it says so, in any random stream", () => {
  for (let seed = 1; seed <= RANDOM_STREAMS; seed++) {
    const random = new Random(seed);
    const bytes = bytesOf(random);
    const tracker = new SequenceTracker();
    const { core } = new PlainTerminal({ cols: 80, rows: 24, scrollback: 0 });
    const parser = core._inputHandler._parser;
    let parsed = 0;
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + random.between(1, 20));
      const { complete } = tracker.scan(piece);
      if (complete > 0) {
        core._inputHandler.parse(bytes.subarray(parsed, at + complete));
        parsed = at + complete;
        assert.equal(parser.currentState, GROUND, `seed ${seed}, offset ${parsed}`);
      }
      at += piece.length;
    }
    core._inputHandler.parse(bytes.subarray(parsed, bytes.length - tracker.partialBytes));
    assert.equal(tracker.state, parser.currentState, `seed ${seed}`);
  }
});

Deno.test("text and control characters are complete at once", () => {
  assert.deepEqual(scanText("plain text\r\n\tand ü 世"), { complete: 23, cuts: [], state: GROUND });
});

Deno.test("what is complete ends before a sequence or a character that is not", () => {
  assert.equal(scanText("abc\x1b[3").complete, 3);
  assert.equal(scanText("abc\x1b]0;title").complete, 3);
  assert.equal(new SequenceTracker().scan(Uint8Array.of(0x61, 0xe2, 0x80)).complete, 1);
});

Deno.test("the piece that ends a sequence is complete from its end on", () => {
  const tracker = new SequenceTracker();
  assert.equal(tracker.scan(encoder.encode("a\x1b[3")).complete, 1);
  assert.equal(tracker.scan(encoder.encode("1")).complete, 0);
  assert.equal(tracker.scan(encoder.encode("mred\x1b")).complete, 4);
});

Deno.test("bytes of a character that goes on are counted", () => {
  const tracker = new SequenceTracker();
  tracker.scan(Uint8Array.of(0x61, 0xf0, 0x9f, 0x91));
  assert.equal(tracker.partialBytes, 3);
  assert.equal(tracker.scan(Uint8Array.of(0x8d)).complete, 1);
  assert.equal(tracker.partialBytes, 0);
});

Deno.test("cuts lie around private modes and behind OSC sequences and the first bell", () => {
  assert.deepEqual(scanText("ab\x1b[?25lcd").cuts, [2, 8]);
  assert.deepEqual(scanText("ab\x1b]0;t\x07cd\x1b]0;t\x1b\\").cuts, [8, 17]);
  assert.deepEqual(scanText("a\x07b\x07c").cuts, [2]);
  assert.deepEqual(scanText("a\x1b[31mb\x1b[4hc").cuts, []);
});
