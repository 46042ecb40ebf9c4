import assert from "node:assert/strict";
import { createLog } from "../log.ts";
import { PatientWriter } from "./patient_writer.ts";

interface Scene {
  writer: PatientWriter;
  written: string[];
  lost: Map<string, number>[];
  logLines: string[];
  disk: { isFull: boolean };
  put(text: string): () => void;
  /** Runs the retry that was asked for; answers after which delay. */
  retry(): number | undefined;
}

function setUp(): Scene {
  const disk = { isFull: false };
  const [written, lost, logLines]: [string[], Map<string, number>[], string[]] = [[], [], []];
  let due: { work: () => void; delayMs: number } | undefined;
  const writer = new PatientWriter({
    later: (work, delayMs) => {
      due = { work, delayMs };
      return () => due = undefined;
    },
    onLost: (notes) => lost.push(new Map(notes)),
    log: createLog("error", (line) => logLines.push(line)),
  });
  const put = (text: string) => (): void => {
    if (disk.isFull) throw Object.assign(new Error("database or disk is full"), { errcode: 13 });
    written.push(text);
  };
  const retry = (): number | undefined => {
    const taken = due;
    due = undefined;
    taken?.work();
    return taken?.delayMs;
  };
  return { writer, written, lost, logLines, disk, put, retry };
}

Deno.test("what a full disk refuses is written later, in order, and said once", () => {
  const { writer, written, logLines, disk, put, retry } = setUp();
  writer.write(put("first"));
  disk.isFull = true;
  writer.writeNote("a", put("typed"));
  writer.write(put("end"));
  assert.ok((retry() ?? 0) < (retry() ?? 0));
  assert.deepEqual(written, ["first"]);
  disk.isFull = false;
  writer.write(put("later"));
  assert.deepEqual(written, ["first"]);
  retry();
  assert.deepEqual(written, ["first", "typed", "end", "later"]);
  assert.equal(retry(), undefined);
  assert.equal(logLines.length, 1);
});

Deno.test("notes beyond the limit are counted, ends never given up", () => {
  const { writer, written, lost, disk, put, retry } = setUp();
  disk.isFull = true;
  for (let n = 0; n < 2003; n++) writer.writeNote("a", put("note"));
  writer.write(put("end"));
  disk.isFull = false;
  retry();
  assert.deepEqual([written.length, written.at(-1)], [2001, "end"]);
  assert.deepEqual(lost, [new Map([["a", 3]])]);
});

Deno.test("a failure that is not the disk's is logged and holds nothing up", () => {
  const { writer, written, logLines, put } = setUp();
  writer.write(() => {
    throw new TypeError("a mistake");
  });
  writer.write(put("next"));
  assert.deepEqual([written, logLines.length], [["next"], 1]);
});
