import assert from "node:assert/strict";
import { createLog } from "../log.ts";
import { DamageWatch } from "./damage_watch.ts";

Deno.test("damage is noted once for the next start, and the holder leaves once nothing runs", async () => {
  let busy = true;
  let marks = 0;
  const idle = Promise.withResolvers<void>();
  const watch = new DamageWatch({
    markSuspect: () => marks++,
    isBusy: () => busy,
    onIdle: () => {
      assert.ok(!busy);
      idle.resolve();
    },
    log: createLog("error", () => {}),
  });
  watch.note("database disk image is malformed");
  watch.note("again");
  busy = false;
  await idle.promise;
  watch.close();
  assert.equal(marks, 1);
});
