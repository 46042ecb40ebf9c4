import assert from "node:assert/strict";
import { MAX_SCREEN_LAG_BYTES, ScreenFeed } from "./screen_feed.ts";

/** A screen that parses only when told to, and output that can be read again. */
function createFeed(): {
  feed: ScreenFeed;
  events: string[];
  emit: (bytes: number) => void;
  heldUp: () => boolean;
  given: () => number;
} {
  const events: string[] = [];
  let end = 0;
  let given = 0;
  let heldUp = false;
  const feed = new ScreenFeed({
    session: "s",
    screens: {
      write: (_, bytes, endOffset) => {
        assert.equal(endOffset - bytes.length, given, "output reaches the screen in order, once");
        given = endOffset;
        events.push(`to ${endOffset}`);
      },
      resize: (_, cols, rows) => events.push(`${cols}x${rows}`),
    },
    read: (from, maxBytes) => new Uint8Array(Math.min(maxBytes, end - from)),
    setHeldUp: (value) => heldUp = value,
  });
  const emit = (bytes: number): void => {
    end += bytes;
    feed.offer(new Uint8Array(bytes), end);
  };
  return { feed, events, emit, heldUp: () => heldUp, given: () => given };
}

Deno.test("output goes straight to a screen that keeps up", () => {
  const { events, emit } = createFeed();
  emit(10);
  emit(5);
  assert.deepEqual(events, ["to 10", "to 15"]);
});

Deno.test("a screen that falls behind is given no more than a window, and the rest as it parses", () => {
  const { feed, emit, given } = createFeed();
  for (let n = 0; n < 100; n++) emit(100_000);
  assert.ok(given() < 1_300_000, `${given()} bytes are on their way`);
  while (given() < 10_000_000) feed.parsed(given());
  assert.equal(given(), 10_000_000);
});

Deno.test("a size waits for the output before it", () => {
  const { feed, events, emit, given } = createFeed();
  for (let n = 0; n < 20; n++) emit(100_000);
  feed.resize(100, 30);
  emit(10);
  assert.ok(!events.includes("100x30"));
  while (given() < 2_000_010) feed.parsed(given());
  assert.deepEqual(events.slice(-2), ["100x30", "to 2000010"]);
  assert.equal(events.at(-3), "to 2000000");
});

Deno.test("the end of a session waits until its screen was given everything", async () => {
  const { feed, emit, given } = createFeed();
  for (let n = 0; n < 20; n++) emit(100_000);
  let fed = false;
  const waiting = feed.whenFed().then(() => fed = true);
  await Promise.resolve();
  assert.equal(fed, false);
  while (given() < 2_000_000) feed.parsed(given());
  await waiting;
  await feed.whenFed();
});

Deno.test("a program is held up only while the screen is hopelessly behind", () => {
  const { feed, emit, heldUp, given } = createFeed();
  for (let sent = 0; sent <= MAX_SCREEN_LAG_BYTES; sent += 1_000_000) emit(1_000_000);
  assert.equal(heldUp(), true);
  while (heldUp()) feed.parsed(given());
  emit(1_000_000);
  assert.equal(heldUp(), false);
});
