import assert from "node:assert/strict";
import { LogSync } from "./log_sync.ts";

Deno.test("note() brings the log to the disk once for all that was written meanwhile", async () => {
  const synced: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const log = new LogSync({
    path: "/data/fleet.sqlite",
    afterMs: 1,
    sync: (path) => {
      synced.push(path);
      resolve();
      return Promise.resolve();
    },
  });
  for (let write = 0; write < 100; write++) log.note();
  await promise;
  log.close();
  assert.deepEqual(synced, ["/data/fleet.sqlite-wal"]);
  assert.equal(log.hasFailed, false);
});

Deno.test("hasFailed is true after the disk could not be written to", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const log = new LogSync({
    path: "/nowhere/fleet.sqlite",
    afterMs: 1,
    sync: () => {
      resolve();
      return Promise.reject(new Error("The disk is broken"));
    },
  });
  log.note();
  await promise;
  await Promise.resolve();
  assert.equal(log.hasFailed, true);
  log.close();
});

Deno.test("close() leaves nothing to be done", () => {
  const log = new LogSync({ path: "/nowhere", afterMs: 1, sync: () => assert.fail("It synced") });
  log.note();
  log.close();
});
