import assert from "node:assert/strict";
import type { ChangeList, RevertPlan, RevertResult, SnapshotList, SnapshotView } from "../protocol.ts";
import { test as appTest, type TestApp } from "../testing/test_app.ts";

interface Page {
  t: TestApp;
  path: string;
  id: string;
  get(path: string): Promise<Response>;
  json<Answer>(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Response>;
}

/** A session in a work tree whose file was changed after its start. */
function test(name: string, work: (page: Page) => Promise<void>): void {
  appTest(name, async (t) => {
    t.vault.root = await Deno.realPath(t.directory);
    t.vault.files = { "a b.txt": "old\n" };
    const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
    await t.rooms.snapshots.finished();
    t.vault.files = { "a b.txt": "new\n" };
    const path = `/api/sessions/${id}`;
    const page = await t.openPage();
    const get = (url: string): Promise<Response> => page.request(path + url);
    const post = (url: string, body: unknown = {}): Promise<Response> =>
      page.request(path + url, { method: "POST", body });
    await work({ t, id, path, get, post, json: async (url) => await (await get(url)).json() });
  });
}

test("snapshots are listed, and taken by hand", async ({ json, post, t, id }) => {
  const list = await json<SnapshotList>("/snapshots");
  assert.deepEqual(list.items.map(({ reason }) => reason), ["baseline"]);
  const taken = await post("/snapshots");
  const view: SnapshotView = await taken.json();
  assert.deepEqual([taken.status, view.reason, view.totals?.files], [201, "manual", 1]);
  assert.deepEqual({ ...t.sessions.get(id).changes }, { files: 1, additions: 1, deletions: 1 });
});

test("changes, lines, contents and the patch of the same two trees", async ({ get, json }) => {
  const list = await json<ChangeList>("/changes");
  assert.deepEqual([list.to, list.files.map(({ id }) => id)], ["now", ["a%20b.txt"]]);
  const file = encodeURIComponent("a%20b.txt");
  assert.equal((await json<{ kind: string }>(`/changes/file?file=${file}&whitespace=ignore`)).kind, "text");
  const content = await get(`/changes/content?file=${file}&side=new`);
  assert.equal(await content.text(), "new\n");
  assert.deepEqual(
    ["content-type", "x-masked", "x-content-type-options"].map((name) => content.headers.get(name)),
    ["application/octet-stream", "0", "nosniff"],
  );
  const patch = await get("/changes.patch");
  assert.equal(await patch.text(), `patch of all ${list.fromTree} ${list.toTree}`);
  assert.match(patch.headers.get("content-disposition") ?? "", /^attachment; filename="session-.*\.patch"$/);
});

test("what is no range, side or name of a file is refused", async ({ get }) => {
  const refused = [
    "/changes?from=x",
    "/changes?to=then",
    "/changes?from=0",
    "/changes/file",
    "/changes/file?file=a&whitespace=no",
    "/changes/content?file=a",
    "/changes/content?file=a&side=both",
    `/changes/content?file=${encodeURIComponent("../a")}&side=new`,
    `/changes/file?file=${encodeURIComponent("%2e%2e/a")}`,
    `/changes.patch?file=${encodeURIComponent("x/.git/config")}`,
  ];
  for (const url of refused) assert.equal((await get(url)).status, 400, url);
  for (const url of ["/changes?from=99", "/changes/content?file=none&side=old"]) {
    assert.equal((await get(url)).status, 404, url);
  }
});

test("a revert is planned, confirmed and undone", async ({ post, json, t }) => {
  const { items: [baseline] } = await json<SnapshotList>("/snapshots");
  const to = baseline?.id;
  const plan: RevertPlan = await (await post("/revert/plan", { to })).json();
  assert.deepEqual([plan.running, plan.files.map(({ action }) => action)], [true, ["overwrite"]]);
  assert.equal((await post("/revert", { to, nowTree: plan.nowTree })).status, 409);
  assert.equal((await post("/revert", { to, nowTree: "x", confirmRunning: true })).status, 400);
  const order = { to, nowTree: plan.nowTree, confirmRunning: true };
  const result: RevertResult = await (await post("/revert", order)).json();
  assert.deepEqual([result.done, result.undo.reason, t.vault.files["a b.txt"]], [
    1,
    "before_revert",
    "old\n",
  ]);
  assert.equal((await post("/revert", order)).status, 409);
});

test("a session without a repository says so", async ({ t }) => {
  const page = await t.openPage();
  t.vault.root = "/elsewhere";
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
  const ask = (url: string, method = "GET"): Promise<Response> =>
    page.request(`/api/sessions/${id}${url}`, { method });
  assert.equal((await (await ask("/snapshots")).json()).unavailable.reason, "no_repository");
  assert.equal((await ask("/changes")).status, 404);
  assert.equal((await ask("/snapshots", "POST")).status, 409);
});

test("snapshots are switched off and on in the settings", async ({ t }) => {
  const { call } = await t.openPage();
  const place = "/api/settings/snapshots";
  assert.deepEqual(await call(place), { captureAtEnd: true, afterTurns: true, offByEnvironment: false });
  const change = { method: "PATCH", body: { captureAtEnd: false } };
  assert.deepEqual(await call(place, change), {
    captureAtEnd: false,
    afterTurns: true,
    offByEnvironment: false,
  });
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
  assert.equal(t.rooms.snapshots.list(id).unavailable?.reason, "off");
});
