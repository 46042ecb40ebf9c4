import assert from "node:assert/strict";
import { AppError } from "../../errors.ts";
import { FakeVault } from "../../testing/fake_vault.ts";
import { ChangeScene, test, WORK_TREE } from "../../testing/change_scene.ts";

test("the first snapshot is there before the program starts, and pages are told", async (t) => {
  t.vault.files = { "a.txt": "old" };
  const id = await t.start();
  assert.deepEqual(t.reasons(id), ["baseline"]);
  const [message] = t.messages;
  assert.ok(message?.type === "changes" && message.snapshot?.reason === "baseline");
  assert.equal(message.snapshot.message, undefined);
});

test("a first snapshot that takes too long goes on while the program starts, and says that it was late", async (t) => {
  const gate = Promise.withResolvers<void>();
  t.vault.gate = gate.promise;
  const starting = t.start();
  while (t.vault.log.length === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  t.impatience();
  const id = await starting;
  assert.deepEqual(t.rooms.snapshots.list(id), { items: [], capturing: true });
  t.nowMs += 5000;
  gate.resolve();
  await t.rooms.snapshots.finished();
  assert.match(t.rooms.snapshots.list(id).items[0]?.message ?? "", /^Finished 5 s after the session's start/);
});

test("a stop and an exit after which nothing changed are one snapshot", async (t) => {
  const id = await t.start();
  t.vault.files = { "a.txt": "new" };
  t.tell(id, { lifecycle: "stopping" });
  await t.rooms.snapshots.finished();
  t.end(id, "user_stop");
  await t.rooms.snapshots.finished();
  assert.deepEqual(t.reasons(id), ["baseline", "stop"]);
  t.rooms.reconcile();
  await t.rooms.snapshots.finished();
  assert.deepEqual(t.reasons(id), ["baseline", "stop"]);
  await t.passTime();
  assert.equal(t.vault.kept.size, 2);
});

test("what changes between a stop and the exit is a snapshot of its own, also when both come at once", async (t) => {
  const id = await t.start();
  let captures = 0;
  t.vault.onCapture = () => void (t.vault.files = { "a.txt": String(++captures) });
  t.tell(id, { lifecycle: "stopping" });
  t.end(id, "user_stop");
  await t.rooms.snapshots.finished();
  assert.deepEqual(t.reasons(id), ["baseline", "stop", "exit"]);
});

test("a turn is captured once the agent has rested, and left out when nothing changed", async (t) => {
  const id = await t.start();
  const turn = async (files: Record<string, string>): Promise<void> => {
    t.tell(id, { activity: "working" });
    t.vault.files = files;
    t.tell(id, { activity: "idle" });
    await t.passTime();
  };
  await turn({ "a.txt": "1" });
  await turn({ "a.txt": "1" });
  await turn({ "a.txt": "2" });
  assert.deepEqual(t.reasons(id), ["baseline", "turn 1", "turn 3"]);
  assert.deepEqual({ ...t.rooms.shownTotals.of(id) }, { files: 1, additions: 1, deletions: 0 });
  await t.passTime();
  assert.equal(t.vault.kept.size, 3);
});

test("an agent that goes on at once has not ended its turn", async (t) => {
  const id = await t.start();
  t.tell(id, { activity: "working" });
  t.vault.files = { "a.txt": "1" };
  t.tell(id, { activity: "idle" });
  t.tell(id, { activity: "working" });
  await t.passTime();
  assert.deepEqual(t.reasons(id), ["baseline"]);
});

test("turns are left out where the setting says so", async (t) => {
  t.settings = { captureAtEnd: true, afterTurns: false };
  const id = await t.start();
  t.tell(id, { activity: "working" });
  t.vault.files = { "a.txt": "1" };
  t.tell(id, { activity: "idle" });
  await t.passTime();
  t.end(id);
  await t.rooms.snapshots.finished();
  assert.deepEqual(t.reasons(id), ["baseline", "exit"]);
});

test("who waits for one session's snapshots waits for no other's", async (t) => {
  const [one, other] = [await t.start(), await t.start()];
  const gate = Promise.withResolvers<void>();
  t.vault.gate = gate.promise;
  const taken = t.rooms.snapshots.takeNow(other);
  await t.rooms.snapshots.finished(one);
  const waited = t.rooms.snapshots.finished(other).then(() => t.reasons(other));
  gate.resolve();
  await taken;
  assert.deepEqual(await waited, ["baseline", "manual"]);
});

test("switched off, nothing is taken but by hand", async (t) => {
  t.settings = { captureAtEnd: false, afterTurns: true };
  const id = await t.start();
  t.end(id);
  t.rooms.reconcile();
  await t.rooms.snapshots.finished();
  assert.equal(t.rooms.snapshots.list(id).unavailable?.reason, "off");
  assert.equal(t.vault.log.length, 0);
  assert.equal((await t.rooms.snapshots.takeNow(id)).reason, "manual");
  assert.deepEqual(t.reasons(id), ["manual"]);
});

Deno.test("the environment switches it off whatever the settings say", async () => {
  const t = new ChangeScene({ isOffByEnvironment: true });
  const id = await t.start();
  const { unavailable } = t.rooms.snapshots.list(id);
  assert.match(unavailable?.message ?? "", /AGENTS_FLEET_CAPTURE_GIT_ON_END/);
  await t.close();
});

test("a directory without a repository has nothing, and says so", async (t) => {
  const id = await t.start("/elsewhere");
  t.end(id);
  await t.rooms.snapshots.finished();
  assert.equal(t.rooms.snapshots.list(id).unavailable?.reason, "no_repository");
  await assert.rejects(() => t.rooms.snapshots.takeNow(id), { code: "conflict" });
});

test("a capture that meets a limit is listed with its reason", async (t) => {
  t.vault.failure = "Snapshot stopped after 30 s: 3.1 GB of untracked files";
  const id = await t.start();
  const list = t.rooms.snapshots.list(id);
  assert.deepEqual(list.items.map(({ state, message }) => [state, message]), [["failed", t.vault.failure]]);
  assert.deepEqual(list.unavailable, { reason: "no_baseline", message: t.vault.failure });
});

test("an end that nobody saw is captured at the next start, and says how late", async (t) => {
  const id = await t.start();
  t.store.sessions.markEnded(id, {
    ...{ reason: "crash", exitCode: undefined, exitSignal: undefined, failure: undefined, recordedBytes: 0 },
    endedAtMs: t.nowMs,
  });
  t.nowMs += 3_600_000 * 3;
  const next = new ChangeScene({ store: t.store });
  next.nowMs = t.nowMs;
  next.vault.files = { "a.txt": "late" };
  next.rooms.reconcile();
  await next.rooms.snapshots.finished();
  assert.deepEqual(next.reasons(id), ["baseline", "exit"]);
  assert.match(next.rooms.snapshots.list(id).items[1]?.message ?? "", /^Taken 3 h after the end/);
});

test("a session that runs on through a restart is captured at its end", async (t) => {
  const id = await t.start();
  const next = new ChangeScene({ store: t.store });
  next.rooms.reconcile();
  next.vault.files = { "a.txt": "new" };
  next.end(id);
  await next.rooms.snapshots.finished();
  assert.deepEqual(next.reasons(id), ["baseline", "exit"]);
});

test("a session that runs without a first snapshot gets one at the next start, and says how late", async (t) => {
  const id = t.create();
  t.store.sessions.markRunning(id, { pid: 1, startedAtMs: t.nowMs - 600_000 });
  t.rooms.reconcile();
  await t.rooms.snapshots.finished();
  assert.deepEqual(t.reasons(id), ["baseline"]);
  assert.match(t.rooms.snapshots.list(id).items[0]?.message ?? "", /^Taken 10 min after the session's start/);
});

test("a program that could not be started leaves no snapshot of its end", async (t) => {
  const id = t.create();
  t.tell(id, { lifecycle: "starting" });
  await t.rooms.snapshots.begin({ id, cwd: WORK_TREE });
  t.end(id, "spawn_failed");
  t.rooms.reconcile();
  await t.rooms.snapshots.finished();
  assert.deepEqual(t.reasons(id), ["baseline"]);
});

test("what lies in a store that is gone needs no giving back", async (t) => {
  t.store.snapshots.addRelease({ keep: "one", store: "gone" });
  t.vault.release = () => {
    throw new AppError("not_found", "The snapshots of this work tree are gone");
  };
  t.rooms.reconcile();
  await t.passTime();
  assert.deepEqual(t.store.snapshots.listReleases(), []);
});

Deno.test("what a run that was killed has kept without storing it is given back at the next start", async () => {
  const vault = new FakeVault();
  vault.kept.set("orphan", "tree");
  const t = new ChangeScene({ vault });
  t.rooms.reconcile();
  await t.passTime();
  assert.equal(vault.kept.size, 0);
  await t.close();
});

test("deleting a session gives its objects back, also when that fails at first", async (t) => {
  const id = await t.start();
  t.end(id);
  await t.rooms.snapshots.finished();
  assert.equal(t.vault.kept.size, 2);
  t.store.sessions.delete(id);
  const { release } = t.vault;
  t.vault.release = () => Promise.reject(new Error("busy"));
  t.rooms.sessionDeleted();
  await t.passTime();
  assert.equal(t.store.snapshots.listReleases().length, 2);
  t.vault.release = release;
  t.rooms.reconcile();
  await t.passTime();
  assert.deepEqual([t.vault.kept.size, t.store.snapshots.listReleases().length], [0, 0]);
  assert.ok(t.vault.log.includes("tidy store"));
});
