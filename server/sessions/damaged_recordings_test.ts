import assert from "node:assert/strict";
import { createLog } from "../log.ts";
import { DamagedRecordings } from "./damaged_recordings.ts";

Deno.test("a file that was put aside is told of once, also through a restart", () => {
  const paths = ["/d/recordings.sqlite.damaged-1"];
  const stored: Record<string, unknown> = {};
  const told: string[] = [];
  const start = (): DamagedRecordings =>
    new DamagedRecordings({
      list: () => paths,
      settings: {
        getAll: () => stored,
        set: (values) => void Object.assign(stored, structuredClone(values)),
      },
      addNotice: ({ text }) => told.push(text),
      now: () => 1,
      log: createLog("error"),
    });
  const first = start();
  first.tellNew();
  first.tellNew();
  start().tellNew();
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /recordings\.sqlite\.damaged-1/);
  paths.push("/d/recordings.sqlite.damaged-2");
  start().tellNew();
  assert.equal(told.length, 2);
});

Deno.test("what cannot be stored is no reason to fail, and is told of later", () => {
  let full = true;
  const told: string[] = [];
  const damaged = new DamagedRecordings({
    list: () => ["/d/x"],
    settings: { getAll: () => ({}), set: () => {} },
    addNotice: ({ text }) => {
      if (full) throw new Error("database or disk is full");
      told.push(text);
    },
    now: () => 1,
    log: createLog("error"),
  });
  damaged.tellNew();
  full = false;
  damaged.tellNew();
  assert.equal(told.length, 1);
});
