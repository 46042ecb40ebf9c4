import assert from "node:assert/strict";
import { type ChangeScene, test as changeTest } from "../../testing/change_scene.ts";

const ORIGINAL = { "a.txt": "old", "b.txt": "same", "gone.txt": "was here" };
const CHANGED = { "a.txt": "new", "b.txt": "same", "fresh.txt": "added" };

/** A session that changed its files. */
function test(name: string, work: (t: ChangeScene, id: string) => Promise<void>): void {
  changeTest(name, async (t) => {
    t.vault.files = { ...ORIGINAL };
    const id = await t.start();
    t.vault.files = { ...CHANGED };
    await work(t, id);
  });
}

function baselineOf(t: ChangeScene, id: string): number {
  return t.rooms.snapshots.list(id).items[0]?.id ?? NaN;
}

test("a revert does what its plan says, keeps what was there, and can be undone", async (t, id) => {
  t.end(id);
  await t.rooms.snapshots.finished();
  const to = baselineOf(t, id);
  const plan = await t.rooms.reverts.plan(id, { to });
  assert.deepEqual(plan.files.map(({ path, action }) => `${action} ${path}`), [
    "overwrite a.txt",
    "remove fresh.txt",
    "restore gone.txt",
  ]);
  assert.equal(plan.running, false);
  const { undo, done } = await t.rooms.reverts.revert(id, { to, nowTree: plan.nowTree });
  assert.deepEqual([t.vault.files, done, undo.reason], [ORIGINAL, 3, "before_revert"]);
  const back = await t.rooms.reverts.plan(id, { to: undo.id });
  await t.rooms.reverts.revert(id, { to: undo.id, nowTree: back.nowTree });
  assert.deepEqual(t.vault.files, CHANGED);
  assert.deepEqual(t.marks, [
    `3 files put back to snapshot ${to}`,
    `3 files put back to snapshot ${undo.id}`,
  ]);
});

test("what a revert has saved is not what the session changed", async (t, id) => {
  t.end(id);
  await t.rooms.snapshots.finished();
  const [, exit] = t.rooms.snapshots.list(id).items;
  const { nowTree } = await t.rooms.reverts.plan(id, { to: baselineOf(t, id) });
  await t.rooms.reverts.revert(id, { to: baselineOf(t, id), nowTree });
  assert.equal((await t.rooms.changes.list(id, {})).to, exit?.id);
});

test("one file alone is put back", async (t, id) => {
  t.end(id);
  const to = baselineOf(t, id);
  const files = ["a.txt"];
  const { nowTree } = await t.rooms.reverts.plan(id, { to, files });
  await t.rooms.reverts.revert(id, { to, files, nowTree });
  assert.deepEqual(t.vault.files, { ...CHANGED, "a.txt": "old" });
});

test("while the session runs a revert wants to be confirmed", async (t, id) => {
  const to = baselineOf(t, id);
  const { nowTree, running } = await t.rooms.reverts.plan(id, { to });
  assert.equal(running, true);
  await assert.rejects(() => t.rooms.reverts.revert(id, { to, nowTree }), { code: "conflict" });
  assert.deepEqual(t.vault.files, CHANGED);
  await t.rooms.reverts.revert(id, { to, nowTree, confirmRunning: true });
  assert.deepEqual(t.vault.files, ORIGINAL);
});

test("a session that is at work in the same work tree asks for it too", async (t, id) => {
  t.end(id);
  const other = await t.start();
  const to = baselineOf(t, id);
  const { nowTree, running } = await t.rooms.reverts.plan(id, { to });
  assert.equal(running, true);
  await assert.rejects(() => t.rooms.reverts.revert(id, { to, nowTree }), { code: "conflict" });
  t.end(other);
  await t.start("/elsewhere");
  await t.rooms.reverts.revert(id, { to, nowTree });
  assert.deepEqual(t.vault.files, ORIGINAL);
});

test("a plan for files that have changed since is refused", async (t, id) => {
  t.end(id);
  const to = baselineOf(t, id);
  const { nowTree } = await t.rooms.reverts.plan(id, { to });
  t.vault.files["b.txt"] = "edited by the user";
  await assert.rejects(() => t.rooms.reverts.revert(id, { to, nowTree }), {
    code: "conflict",
    message: /changed since the plan/,
  });
  assert.equal(t.vault.files["a.txt"], "new");
});

test("nothing is reverted that cannot be saved first", async (t, id) => {
  t.end(id);
  await t.rooms.snapshots.finished();
  const to = baselineOf(t, id);
  const { nowTree } = await t.rooms.reverts.plan(id, { to });
  let captures = 0;
  t.vault.onCapture = () => {
    if (++captures === 2) throw new Error("The disk is full");
  };
  await assert.rejects(() => t.rooms.reverts.revert(id, { to, nowTree }), { code: "unavailable" });
  assert.deepEqual(t.vault.files, CHANGED);
});

test("names that lead out of the work tree are refused", async (t, id) => {
  const to = baselineOf(t, id);
  for (
    const file of [
      "../etc/passwd",
      "%2e%2e/x",
      "/etc/passwd",
      "a/.git/config",
      ".GIT/hooks/x",
      "a%00",
      "%zz",
      "a//b",
    ]
  ) {
    await assert.rejects(() => t.rooms.reverts.plan(id, { to, files: [file] }), {
      code: "invalid",
      field: "file",
    }, file);
  }
});
