import assert from "node:assert/strict";
import type { RevertOrder, RevertRequest } from "../../server/protocol.ts";
import { ApiError } from "../api/api_error.ts";
import { makeChange, makeChangeList, makeSnapshot } from "../testing/changes.ts";
import { type Revert, RevertModel } from "./revert.ts";

interface Stage {
  revert: Revert;
  planned: RevertRequest[];
  orders: RevertOrder[];
  /** Of the next reverts. */
  failures: Error[];
  done(): number;
}

function setUp(): Stage {
  const planned: RevertRequest[] = [];
  const orders: RevertOrder[] = [];
  const failures: Error[] = [];
  let done = 0;
  const revert: Revert = new RevertModel({
    api: {
      planRevert: (_id, request) => {
        planned.push(request);
        return Promise.resolve({
          nowTree: `tree ${planned.length}`,
          running: true,
          files: [
            { id: "b.ts", path: "b.ts", action: "overwrite" },
            { id: "old.ts", path: "old.ts", action: "restore" },
            { id: "sub", path: "sub", action: "skip", note: "a submodule" },
          ],
        });
      },
      revert: (_id, order) => {
        const failure = failures.shift();
        if (failure !== undefined) return Promise.reject(failure);
        orders.push(order);
        return Promise.resolve({ undo: makeSnapshot({ id: 40 + orders.length }), done: 2, failed: [] });
      },
      listChanges: () =>
        Promise.resolve(makeChangeList([
          makeChange({ path: "b.ts" }),
          makeChange({ path: "new.ts", status: "R", oldPath: "old.ts", oldId: "old.ts" }),
          makeChange({ path: "changed_since.ts" }),
        ])),
    },
    sessionId: "1",
    onDone: () => done++,
  });
  return { revert, planned, orders, failures, done: () => done };
}

Deno.test("nothing is put back before it was shown and confirmed", async () => {
  const { revert, orders, done } = setUp();
  await revert.plan({ to: 1, files: ["b.ts"] });
  const { value } = revert.state;
  assert.ok(value.step === "asking" && value.plan.files.length === 3);
  assert.deepEqual(orders, []);
  await revert.confirm(true);
  assert.deepEqual(orders, [{ to: 1, files: ["b.ts"], nowTree: "tree 1", confirmRunning: true }]);
  assert.equal(revert.state.value.step, "done");
  assert.equal(done(), 1);
});

Deno.test("a revert is taken back for the files it touched, and that in turn", async () => {
  const { revert, orders } = setUp();
  await revert.plan({ to: 1 });
  await revert.confirm(true);
  await revert.undo();
  assert.deepEqual(orders[1], { to: 41, files: ["b.ts", "new.ts"], nowTree: "tree 2", confirmRunning: true });
  assert.ok(revert.state.value.step === "done" && revert.state.value.isUndo);
  await revert.undo();
  assert.equal(orders[2]?.to, 42);
  assert.ok(revert.state.value.step === "done" && !revert.state.value.isUndo);
});

Deno.test("files that changed meanwhile are shown anew, with why", async () => {
  const { revert, failures, orders } = setUp();
  await revert.plan({ to: 1 });
  failures.push(new ApiError({ code: "conflict", message: "The files have changed" }));
  await revert.confirm(false);
  const { value } = revert.state;
  assert.ok(value.step === "asking" && value.plan.nowTree === "tree 2");
  assert.equal(value.note, "The files have changed");
  await revert.confirm(false);
  assert.deepEqual(orders, [{ to: 1, nowTree: "tree 2" }]);
});

Deno.test("a failure is told, and closing ends it", async () => {
  const { revert, failures } = setUp();
  await revert.plan({ to: 1 });
  failures.push(new Error("disk full"));
  await revert.confirm(true);
  assert.ok(revert.state.value.step === "failed" && revert.state.value.message === "disk full");
  revert.close();
  assert.equal(revert.state.value.step, "none");
});
