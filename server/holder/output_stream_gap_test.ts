import assert from "node:assert/strict";
import { RecordingStore } from "../store/recordings.ts";
import type { HolderEvent } from "./api.ts";
import { OutputStream } from "./output_stream.ts";
import { RecordedSession } from "./recorded_session.ts";
import { Recorder, type Recording } from "./recorder.ts";

/** A recording of 3000 bytes, whose second thousand is missing. */
function openWithGap(
  { screen }: { screen?: number } = {},
): { source: RecordedSession; recording: Recording } {
  const store = new RecordingStore(":memory:");
  const recorder = new Recorder({ store, now: () => 0, onError: () => {} });
  const id = recorder.start({ session: "a", cols: 80, rows: 24 }).id;
  const block = { length: 1000, atMs: 0, codec: "raw", data: new Uint8Array(1000).fill(65), times: null };
  store.blocks.insert(id, { ...block, offset: 0 });
  store.gaps.put(id, { offset: 1000, length: 600, atMs: 0, reason: "storage" });
  store.gaps.put(id, { offset: 1600, length: 400, atMs: 0, reason: "trimmed" });
  store.blocks.insert(id, { ...block, offset: 2000 });
  const opened = recorder.open("a");
  assert.ok(opened);
  if (screen !== undefined) {
    opened.recording.addKeyframe({ offset: screen, cols: 90, rows: 30, ansi: "after" });
  }
  recorder.flush();
  return { source: new RecordedSession(opened.recording, opened.row), recording: opened.recording };
}

async function play({ source }: { source: RecordedSession }): Promise<unknown[]> {
  const events: HolderEvent[] = [];
  const stream = new OutputStream({ channel: 1, source, send: (event) => events.push(event) });
  await stream.begin({ from: 0 });
  return events.map((event) => {
    if (event.type === "output") return [event.offset, event.bytes.length];
    if (event.type === "skipped") return { from: event.from, to: event.to, missing: event.missingBytes };
    return event.type === "snapshot" ? event.snapshot.ansi : event.type;
  });
}

Deno.test("a stream goes on after a gap with the first screen behind it", async () => {
  const events = await play(openWithGap({ screen: 2300 }));
  assert.deepEqual(events, ["attached", [0, 1000], { from: 1000, to: 2300, missing: 1000 }, "after", [
    2300,
    700,
  ], "end"]);
});

Deno.test("without a screen behind the gap it goes on with an empty one", async () => {
  const events = await play(openWithGap());
  assert.deepEqual(events, [
    "attached",
    [0, 1000],
    { from: 1000, to: 2000, missing: 1000 },
    "",
    [2000, 1000],
    "end",
  ]);
});

Deno.test("the timeline says where a screen is known again", () => {
  const gapsOf = ({ recording }: { recording: Recording }): unknown => recording.timeline().gaps;
  assert.deepEqual(gapsOf(openWithGap({ screen: 2300 })), [
    { from: 1000, to: 1600, reason: "storage", shownFrom: 2300 },
    { from: 1600, to: 2000, reason: "trimmed", shownFrom: 2300 },
  ]);
  assert.deepEqual(gapsOf(openWithGap({ screen: 2000 })), [
    { from: 1000, to: 1600, reason: "storage", shownFrom: 2000 },
    { from: 1600, to: 2000, reason: "trimmed" },
  ]);
});
