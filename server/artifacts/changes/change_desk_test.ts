import assert from "node:assert/strict";
import type { CommitView } from "../../protocol.ts";
import { type ChangeScene, test } from "../../testing/change_scene.ts";

function commit(hash: string): CommitView {
  return { hash, subject: hash, authorName: "A", authoredAtMs: 1 };
}

async function finishWith(t: ChangeScene, id: string, files: Record<string, string>): Promise<void> {
  t.vault.files = files;
  t.nowMs += 1000;
  t.end(id);
  await t.rooms.snapshots.finished();
}

test("a running session is compared with now, an ended one with its last snapshot", async (t) => {
  t.vault.files = { "a.txt": "old", "mine.txt": "dirty before" };
  const id = await t.start();
  t.vault.files = { ...t.vault.files, "a.txt": "new" };
  const live = await t.rooms.changes.list(id, {});
  assert.deepEqual([live.to, live.files.map(({ path }) => path)], ["now", ["a.txt"]]);
  assert.deepEqual([t.rooms.shownTotals.of(id)?.files, t.told.at(-1)], [1, id]);
  await finishWith(t, id, { "a.txt": "newer", "mine.txt": "dirty before" });
  t.vault.files = { "a.txt": "edited long after" };
  const ended = await t.rooms.changes.list(id, {});
  assert.deepEqual([ended.to, ended.totals.files], [t.rooms.snapshots.list(id).items[1]?.id, 1]);
});

test("a snapshot that is taken after the end is not what the session changed", async (t) => {
  const id = await t.start();
  await finishWith(t, id, { "a.txt": "1" });
  const { to, totals } = await t.rooms.changes.list(id, {});
  t.vault.files = { "a.txt": "1", "mine.txt": "later", "more.txt": "later" };
  await t.rooms.snapshots.takeNow(id);
  assert.equal((await t.rooms.changes.list(id, {})).to, to);
  assert.deepEqual({ ...t.rooms.shownTotals.of(id) }, totals);
});

test("any two snapshots are compared, with the commits made in between", async (t) => {
  t.vault.head = "c0";
  const id = await t.start();
  const take = async (head: string, commits: string[]): Promise<number> => {
    t.vault.head = head;
    t.vault.files = { "a.txt": head };
    t.vault.commitList = commits.map(commit);
    return (await t.rooms.snapshots.takeNow(id)).id;
  };
  const first = await take("c1", ["c1"]);
  const second = await take("c3", ["c3", "c2", "c1"]);
  const hashes = async (range: { from?: number; to?: number | "now" }): Promise<string[]> =>
    (await t.rooms.changes.list(id, range)).commits.map(({ hash }) => hash);
  assert.deepEqual(await hashes({ from: first, to: second }), ["c3", "c2"]);
  assert.deepEqual(await hashes({ to: second }), ["c3", "c2", "c1"]);
  assert.deepEqual(await hashes({ from: second, to: "now" }), []);
});

test("files that a merge left unmerged say so, now and later", async (t) => {
  t.vault.files = { "a.txt": "1", "b.txt": "1" };
  const id = await t.start();
  t.vault.files = { "a.txt": "<<<", "b.txt": "2" };
  t.vault.conflicts = ["a.txt"];
  const statuses = async (): Promise<string[]> =>
    (await t.rooms.changes.list(id, {})).files.map(({ status }) => status);
  assert.deepEqual(await statuses(), ["U", "M"]);
  t.end(id);
  await t.rooms.snapshots.finished();
  t.vault.conflicts = [];
  assert.deepEqual(await statuses(), ["U", "M"]);
});

test("snapshots of another session are not found", async (t) => {
  const [one, other] = [await t.start(), await t.start()];
  const [foreign] = t.rooms.snapshots.list(other).items;
  await assert.rejects(() => t.rooms.changes.list(one, { from: foreign?.id }), { code: "not_found" });
  await assert.rejects(() => t.rooms.changes.list(one, { to: 999 }), { code: "not_found" });
});

test("files that another session of the same time touched too are marked", async (t) => {
  const one = await t.start();
  t.vault.files = { "one.txt": "1" };
  const two = await t.start();
  t.vault.files = { "one.txt": "1", "two.txt": "2" };
  const marks = async (id: string): Promise<Record<string, string[]>> =>
    Object.fromEntries(
      (await t.rooms.changes.list(id, {})).files.map(({ path, alsoChangedIn = [] }) => [
        path,
        alsoChangedIn.map(({ sessionId }) => sessionId),
      ]),
    );
  assert.deepEqual(await marks(one), { "one.txt": [], "two.txt": [two] });
  assert.deepEqual(await marks(two), { "two.txt": [one] });
});

test("the other is known after an end too: while it goes on, and when it ended later", async (t) => {
  t.vault.files = { "shared.txt": "0" };
  const one = await t.start();
  const two = await t.start();
  await finishWith(t, one, { "shared.txt": "1", "one.txt": "1" });
  const marks = async (): Promise<(string | undefined)[]> =>
    (await t.rooms.changes.list(one, {})).files.map(({ alsoChangedIn }) => alsoChangedIn?.[0]?.sessionId);
  assert.deepEqual(await marks(), [two, two]);
  await finishWith(t, two, { "shared.txt": "0", "later.txt": "1" });
  assert.deepEqual(await marks(), [two, two]);
});

test("a session that was over before is not mentioned", async (t) => {
  const one = await t.start();
  await finishWith(t, one, { "a.txt": "1" });
  t.nowMs += 1000;
  const two = await t.start();
  t.vault.files = { "a.txt": "2" };
  assert.deepEqual((await t.rooms.changes.list(two, {})).files.map(({ alsoChangedIn }) => alsoChangedIn), [
    undefined,
  ]);
});

test("contents are those of the list they belong to, with secrets hidden unless asked for", async (t) => {
  const key = "sk-ant-api03-" + "a1B2".repeat(20);
  t.vault.files = { "a.txt": "old\n" };
  const id = await t.start();
  t.vault.files = { "a.txt": `key = ${key}\n` };
  await t.rooms.changes.list(id, {});
  t.vault.files = { "a.txt": "changed after the list\n" };
  const read = async (side: "old" | "new", showSecrets: boolean): Promise<[string, number]> => {
    const { bytes, masked } = await t.rooms.changes.content(id, { file: "a.txt", side, showSecrets });
    return [new TextDecoder().decode(bytes), masked];
  };
  assert.deepEqual(await read("old", false), ["old\n", 0]);
  assert.deepEqual(await read("new", true), [`key = ${key}\n`, 0]);
  const [hidden, masked] = await read("new", false);
  assert.equal(masked, 1);
  assert.ok(!hidden.includes(key) && hidden.length === `key = ${key}\n`.length);
  await assert.rejects(
    () => t.rooms.changes.content(id, { file: "b.txt", side: "old", showSecrets: false }),
    {
      code: "not_found",
    },
  );
});

test("whoever asks for now at the same time shares one look, and a later one begins after", async (t) => {
  const id = await t.start();
  const gate = Promise.withResolvers<void>();
  t.vault.gate = gate.promise;
  t.vault.files = { "a.txt": "seen by nobody" };
  const before = t.vault.log.length;
  const first = t.rooms.changes.list(id, {});
  const others = [t.rooms.changes.list(id, {}), t.rooms.changes.list(id, {})];
  t.vault.files = { "a.txt": "1" };
  gate.resolve();
  const trees = (await Promise.all([first, ...others])).map(({ toTree }) => toTree);
  assert.equal(new Set(trees.slice(1)).size, 1);
  assert.equal(t.vault.log.length - before, 2);
});

test("trees that nobody keeps are tidied away, and looked at anew", async (t) => {
  const id = await t.start();
  for (let n = 0; n < 100; n++) {
    t.vault.files = { "a.txt": String(n) };
    await t.rooms.changes.list(id, {});
  }
  const content = async (): Promise<string> => {
    const { bytes } = await t.rooms.changes.content(id, { file: "a.txt", side: "new", showSecrets: true });
    return new TextDecoder().decode(bytes);
  };
  t.vault.files = { "a.txt": "later" };
  assert.equal(await content(), "99");
  await t.passTime();
  assert.ok(t.vault.log.includes("tidy store"));
  assert.equal(await content(), "later");
});

test("a look that fails says why", async (t) => {
  const id = await t.start();
  t.vault.failure = "Snapshot stopped after 30 s";
  await assert.rejects(() => t.rooms.changes.list(id, {}), { code: "unavailable", message: /after 30 s/ });
});
