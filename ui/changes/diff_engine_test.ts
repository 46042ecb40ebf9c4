import assert from "node:assert/strict";
import { LocalWorker, startLocalEngine } from "../testing/local_engine.ts";
import { until } from "../testing/until.ts";
import { DiffEngine, EngineError } from "./diff_engine.ts";
import type { ShownLine } from "./diff_text.ts";

const buffer = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer;

Deno.test("a text goes in, facts and lines come out, with colours", async () => {
  const came: ShownLine[][] = [];
  const engine = startLocalEngine(({ lines }) => came.push(lines));
  const { id, facts } = await engine.open({
    path: "a.ts",
    old: buffer("let a = 1;\n"),
    new: buffer("let a = 2;\nlet b;\n"),
    hunks: [[1, 1, 1, 2]],
  });
  assert.equal(facts.newLines, 2);
  engine.askLines(id, { side: "new", from: 0, to: 64 });
  await until(() => came.length === 1, "the lines");
  assert.equal(came[0]?.length, 2);
  assert.equal(came[0]?.[0]?.[0], "let");
});

Deno.test("a large text comes plain first, then with colours", async () => {
  const came: ShownLine[][] = [];
  const engine = startLocalEngine(({ lines }) => came.push(lines));
  const text = "const a = 1;\n".repeat(10_000);
  const { id } = await engine.open({
    path: "a.ts",
    old: buffer(""),
    new: buffer(text),
    hunks: [[0, 0, 1, 10_000]],
  });
  engine.askLines(id, { side: "new", from: 640, to: 704 });
  await until(() => came.length === 2, "both answers");
  assert.deepEqual(came[0]?.[0], ["const a = 1;", 0]);
  assert.ok((came[1]?.[0]?.length ?? 0) > 2);
});

Deno.test("nothing comes of a text that was closed", async () => {
  let count = 0;
  const engine = startLocalEngine(() => count++);
  const first = await engine.open({ path: "a", old: buffer(""), new: buffer("x\n"), hunks: [[0, 0, 1, 1]] });
  engine.close(first.id);
  engine.askLines(first.id, { side: "new", from: 0, to: 64 });
  await engine.open({ path: "b", old: buffer(""), new: buffer("x\n"), hunks: [[0, 0, 1, 1]] });
  assert.equal(count, 0);
});

Deno.test("a worker that breaks is an error, and the next text starts another", async () => {
  const workers: LocalWorker[] = [];
  const lost: string[] = [];
  const engine = new DiffEngine({
    startWorker: () => {
      const worker = new LocalWorker();
      workers.push(worker);
      return worker;
    },
    onLines: () => {},
    onLost: (message) => lost.push(message),
  });
  const file = { path: "a", old: buffer(""), new: buffer(""), hunks: [] };
  const opening = engine.open(file);
  workers[0]?.onerror?.(new ErrorEvent("error", { message: "out of memory" }));
  await assert.rejects(opening, EngineError);
  assert.match(lost[0] ?? "", /out of memory/);
  await engine.open({ ...file, new: buffer("x") });
  assert.deepEqual(workers.map(({ isTerminated }) => isTerminated), [true, false]);
  engine[Symbol.dispose]();
  assert.equal(workers[1]?.isTerminated, true);
});

Deno.test("a worker that cannot be started is an error", async () => {
  const engine = new DiffEngine({
    startWorker: () => {
      throw new Error("refused");
    },
    onLines: () => {},
    onLost: () => {},
  });
  await assert.rejects(engine.open({ path: "a", old: buffer(""), new: buffer(""), hunks: [] }), /refused/);
});
