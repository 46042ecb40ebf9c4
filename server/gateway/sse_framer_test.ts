import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomInt, seededRandom } from "../usage/testdata/seeded_random.ts";
import { type SseEvent, SseFramer } from "./sse_framer.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const join = (events: readonly SseEvent[]): string =>
  Buffer.concat(events.map(({ bytes }) => bytes)).toString("utf8");

function frame(text: string, options: { cuts?: number[]; maxEventBytes?: number } = {}): SseEvent[] {
  const framer = new SseFramer(options);
  const bytes = bytesOf(text);
  const ends = [...options.cuts ?? [], bytes.length];
  const events = ends.flatMap((end, index) => framer.push(bytes.slice(ends[index - 1] ?? 0, end)));
  const rest = framer.flush();
  return rest === undefined ? events : [...events, rest];
}

Deno.test("events keep their bytes and give their data", () => {
  const text = "event: a\ndata: {1}\n\n: comment\n\ndata:two\r\ndata: lines\r\n\r\n";
  const events = frame(text);
  assert.deepEqual(events.map(({ data }) => data), ["{1}", undefined, "two\nlines"]);
  assert.equal(join(events), text);
});

Deno.test("however a stream is cut into chunks, its bytes and events are the same", () => {
  const random = seededRandom(7);
  const text = Array.from(
    { length: 40 },
    (_, index) =>
      `event: e${index}\r\ndata: {"t":"${"äß€🙂x".repeat(index % 7)}"}${
        index % 3 === 0 ? "\r\n\r\n" : "\n\n"
      }`,
  )
    .join("");
  const whole = frame(text);
  const { length } = bytesOf(text);
  for (let run = 0; run < 300; run++) {
    const cuts = Array.from({ length: randomInt(random, 0, 60) }, () => randomInt(random, 0, length));
    const events = frame(text, { cuts: cuts.sort((left, right) => left - right) });
    assert.equal(join(events), text);
    assert.deepEqual(events.map(({ data }) => data), whole.map(({ data }) => data));
  }
});

Deno.test("an event without an end is held back until the stream is over", () => {
  const framer = new SseFramer();
  assert.deepEqual(framer.push(bytesOf("data: half")), []);
  assert.equal(framer.flush()?.isOpaque, true);
  assert.equal(framer.flush(), undefined);
});

Deno.test("an event that is too long goes through unread, and the next one is read again", () => {
  const text = `data: ${"x".repeat(50)}\n\ndata: next\n\n`;
  const events = frame(text, { cuts: [30, 40], maxEventBytes: 20 });
  assert.equal(join(events), text);
  assert.deepEqual(events.map(({ data }) => data), [undefined, undefined, "next"]);
});
