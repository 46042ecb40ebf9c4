import assert from "node:assert/strict";
import { AppError } from "../../errors.ts";
import type { ScreenSnapshot } from "../../holder/api.ts";
import type { ChangeList, SessionView } from "../../protocol.ts";
import { FleetStore } from "../../store/fleet_store.ts";
import { newSession } from "../../testing/new_session.ts";
import { SESSION, SESSION_ID } from "../../testing/summary_scene.ts";
import { createSummarySources, type SummarySourceOptions } from "./summary_sources.ts";

const ENDED: SessionView = { ...SESSION, lifecycle: "ended" };

interface Recording {
  output: string;
  lastScreenOffset?: number;
  keyframe?: ScreenSnapshot;
}

function holderOf(recording: Recording | undefined): SummarySourceOptions["holder"] {
  const bytes = new TextEncoder().encode(recording?.output ?? "");
  const missing = (): Promise<never> => Promise.reject(new AppError("not_found", "No recording"));
  return {
    screenText: () => recording ? Promise.resolve(["one", "two"]) : missing(),
    timeline: () => {
      if (!recording) return missing();
      const { lastScreenOffset } = recording;
      const rest = { startedAtMs: 0, cols: 80, rows: 24, times: [], resizes: [] };
      return Promise.resolve({
        end: bytes.length,
        ...rest,
        ...(lastScreenOffset === undefined ? {} : { lastScreenOffset }),
      });
    },
    keyframe: () => Promise.resolve(recording?.keyframe),
    read: ({ from, maxBytes }) => Promise.resolve(bytes.slice(from, from + maxBytes)),
  };
}

const NO_CHANGES: SummarySourceOptions["changes"] = {
  list: () => Promise.reject(new AppError("unavailable", "There is no repository here")),
  patch: () => Promise.reject(new AppError("not_found", "No such file")),
};

function screenOf(session: SessionView, recording: Recording | undefined): Promise<string> {
  const events = { listInputs: () => [] };
  return createSummarySources({ events, changes: NO_CHANGES, holder: holderOf(recording) }).screen(session);
}

Deno.test("a running session's screen is what the holder shows", async () => {
  assert.equal(await screenOf(SESSION, { output: "" }), "one\ntwo");
  assert.equal(await screenOf(SESSION, undefined), "");
});

Deno.test("an ended session's screen is its last stored one and what came behind it", async () => {
  const ansi = "\u001b[1mstored\u001b[5Cscreen\r\nsecond row\u001b[0m";
  const keyframe = { offset: 4, cols: 80, rows: 24, ansi };
  assert.equal(
    await screenOf(ENDED, { output: "old\n\u001b[12;1Hbye", keyframe }),
    "stored     screen\nsecond row\nbye",
  );
  assert.equal(await screenOf(ENDED, { output: "plain\r\noutput" }), "plain\noutput");
  assert.equal(await screenOf(ENDED, { output: "full screen, left", lastScreenOffset: 11 }), "full screen");
  assert.equal(await screenOf(ENDED, undefined), "");
});

Deno.test("of a long recording without a screen near its end only the end is read", async () => {
  const keyframe = { offset: 1, cols: 80, rows: 24, ansi: "far away" };
  const screen = await screenOf(ENDED, { output: "x".repeat(200_000) + "end", keyframe });
  assert.equal(screen.length, 64 * 1024);
  assert.ok(screen.endsWith("end"));
});

Deno.test("changes are those of the change desk, or none", async () => {
  const list = { from: 1, to: "now", files: [] } as unknown as ChangeList;
  const asked: unknown[] = [];
  const sources = (changes: SummarySourceOptions["changes"]): ReturnType<typeof createSummarySources> =>
    createSummarySources({ events: { listInputs: () => [] }, changes, holder: holderOf(undefined) });
  assert.equal(await sources(NO_CHANGES).changes("s"), undefined);
  const found = await sources({
    list: () => Promise.resolve(list),
    patch: (...call) => {
      asked.push(call);
      return Promise.resolve(new ReadableStream());
    },
  }).changes("s");
  await found?.patch("a.ts");
  assert.deepEqual(asked, [["s", { from: 1, to: "now", file: "a.ts" }]]);
});

Deno.test("of what was typed the beginning and the end are read, once and in order", () => {
  const store = new FleetStore(":memory:");
  store.sessions.create(newSession({ id: SESSION_ID }));
  const add = (text: string, atMs: number): void =>
    store.events.add({ sessionId: SESSION_ID, atMs, kind: "input", offset: 0, text });
  for (let line = 1; line <= 10; line++) add(`line ${line}\\r`, line);
  add("in ", 11);
  add("parts\\r", 12);
  const lines = (first: number, last: number): string[] =>
    store.events.listInputs(SESSION_ID, { first, last });
  assert.deepEqual(lines(2, 2), ["line 1\\r", "line 2\\r", "line 10\\r", "in parts\\r"]);
  assert.equal(lines(8, 8).length, 11);
  store.close();
});
