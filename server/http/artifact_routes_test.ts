import assert from "node:assert/strict";
import { join } from "node:path";
import type { ProgramNotice } from "../holder/api.ts";
import type { ArtifactDetail, ArtifactView, Page } from "../protocol.ts";
import { writeScripts } from "../testing/fake_agents.ts";
import { test as appTest, type TestApp, type TestAppOptions } from "../testing/test_app.ts";

interface Client {
  t: TestApp;
  /** Of a session that runs. */
  id: string;
  get(query: string): Promise<Response>;
  json<Answer>(query: string): Promise<Answer>;
  type(text: string): Promise<void>;
  tell(notice: ProgramNotice, offset?: number): void;
}

const PLAIN_KEY = "correcthorsebattery";
const KEY = `sk-ant-api03-${"aB3dE6gH9k".repeat(9)}`;

function test(
  name: string,
  work: (client: Client) => Promise<void>,
  options: TestAppOptions = {},
): void {
  appTest(name, async (t) => {
    const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
    const path = `/api/sessions/${id}/artifacts`;
    const page = await t.openPage();
    await work({
      t,
      id,
      get: (query) => page.request(path + query),
      json: (query) => page.call(path + query),
      type: (text) => t.sessions.write(id, new TextEncoder().encode(text)),
      tell: (notice, offset = 0) => t.holder.listener({ type: "notice", session: id, offset, notice }),
    });
  }, options);
}

const list = ({ json }: Client, query = ""): Promise<Page<ArtifactView>> => json(query);
const titles = async (client: Client, query = ""): Promise<string[]> =>
  (await list(client, query)).items.map(({ title }) => title);

test("a session leaves its start, what was typed, notices of its program, its stop and its end", async (client) => {
  const { t, id, type, tell } = client;
  await type("ls\r");
  tell({ kind: "notification", text: "Build done" }, 42);
  tell({ kind: "clipboard", bytes: 5, text: "hello" }, 50);
  t.sessions.stop(id);
  await t.sessions.stopsFinished();
  assert.deepEqual(await titles(client), [
    "Program ended",
    "Stop",
    "Clipboard write, not done",
    "Notification",
    "Typed",
    "Started",
  ]);
  const { items } = await list(client, "?kind=notification,clipboard");
  assert.deepEqual(items.map(({ kind, text, offset }) => [kind, text, offset]), [
    ["clipboard", "hello", 50],
    ["notification", "Build done", 42],
  ]);
  const stop = (await list(client, "?kind=end")).items.find(({ title }) => title === "Stop");
  assert.equal(stop?.text, "You stopped it");
  const { facts } = await client.json<ArtifactDetail>(`/${stop?.id}`);
  assert.deepEqual(facts.map(({ name }) => name), ["hung up", "terminated", "killed"]);
});

test("the resume command is one artifact, where it was captured last; snapshots are among them", async ({ t }) => {
  await writeScripts(join(t.directory, "bin"), { claude: "" });
  t.vault.root = await Deno.realPath(t.directory);
  t.vault.files = { "a.txt": "old\n" };
  t.vault.submodules = [{ path: "lib", commit: "0123456789abcdef0123456789abcdef01234567" }];
  const { call } = await t.openPage();
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "claude" });
  await t.rooms.snapshots.finished();
  const path = `/api/sessions/${id}/artifacts`;
  const before = await call<ArtifactDetail>(`${path}/resume`);
  assert.equal(before.title, "Resume command, not confirmed by the agent");
  t.vault.files = { "a.txt": "new\n" };
  t.sessions.setResume(id, { agentSessionId: "00000000-0000-4000-8000-000000000001", confirmed: true });
  t.holder.exit(id);
  await t.rooms.snapshots.finished();
  const { items } = await call<Page<ArtifactView>>(`${path}?kind=resume,snapshot`);
  assert.deepEqual(items.map(({ title, text }) => [title, text]), [
    ["Git snapshot at the end", "1 file changed since the start, +1 −1"],
    ["Resume command", "claude --resume 00000000-0000-4000-8000-000000000001"],
    ["Git snapshot at the start", items.at(-1)?.text],
  ]);
  const { snapshot, facts } = await call<ArtifactDetail>(`${path}/${items[0]?.id}`);
  assert.deepEqual([snapshot?.reason, snapshot?.totals?.files], ["exit", 1]);
  const factOf = (wanted: string): string | undefined => facts.find(({ name }) => name === wanted)?.value;
  assert.deepEqual([factOf("Work tree"), factOf("Submodules")], [t.vault.root, "lib at 0123456789"]);
});

test("pages are told of everything new, and never what it is", async ({ t, id, type }) => {
  const before = t.messages.length;
  await type(`echo ${KEY}\r`);
  assert.deepEqual(t.messages.slice(before).filter(({ type }) => type === "artifact"), [
    { type: "artifact", sessionId: id },
  ]);
  assert.ok(!JSON.stringify(t.messages).includes(KEY));
});

test("a line that was typed with pauses is one artifact; the next line is another", async (client) => {
  const { t, id } = client;
  const add = (atMs: number, text: string): void =>
    t.store.events.add({ sessionId: id, atMs, kind: "input", offset: 0, text });
  add(1000, "git com");
  add(3000, "mit -m ");
  add(9000, "x\\r");
  add(9001, "git push\\r");
  add(10_000, "left");
  add(200_000, "later");
  const { items } = await list(client, "?kind=input");
  assert.deepEqual(items.map(({ text }) => text), ["later", "left", "git push", "git commit -m x"]);
  const parts = await client.get("/event-3");
  assert.equal(parts.status, 404, "a part is no artifact of its own");
  await parts.body?.cancel();
});

test("typed without echo is only counted", async (client) => {
  client.t.holder.hidesInput = true;
  await client.type("hunter2\r");
  const [item] = (await list(client, "?kind=input")).items;
  assert.deepEqual([item?.title, item?.text], ["Typed without echo", "8 bytes, not kept"]);
});

test("keys of our own environment are masked whatever they look like", async (client) => {
  await client.type(`echo ${PLAIN_KEY}\r`);
  assert.equal((await list(client, "?kind=input")).items[0]?.text, `echo ${"•".repeat(PLAIN_KEY.length)}`);
}, { environment: { INTERNAL_TOKEN: PLAIN_KEY } });

test("a key that was typed or copied is masked until it is asked for, and is not searched", async (client) => {
  await client.type(`export ANTHROPIC_API_KEY=${KEY}\r`);
  client.tell({ kind: "clipboard", bytes: KEY.length, text: KEY });
  const page = await list(client);
  assert.ok(!JSON.stringify(page).includes(KEY));
  assert.deepEqual((await list(client, "?q=aB3dE6gH9k")).items, []);
  assert.equal((await list(client, "?q=anthropic_api")).items.length, 1);
  for (const { id } of page.items.filter(({ kind }) => kind === "input" || kind === "clipboard")) {
    const closed = await client.json<ArtifactDetail>(`/${id}`);
    assert.equal(closed.secrets, 1);
    assert.ok(!closed.content.includes(KEY));
    assert.ok((await client.json<ArtifactDetail>(`/${id}?secrets=show`)).content.includes(KEY));
    for (const format of ["text", "json"]) {
      assert.ok(!(await (await client.get(`/${id}/download?format=${format}`)).text()).includes(KEY));
      const shown = await client.get(`/${id}/download?format=${format}&secrets=show`);
      assert.ok((await shown.text()).includes(KEY));
    }
  }
});

test("10,000 notifications become a few rows and a count", async (client) => {
  for (let count = 0; count < 10_000; count++) client.tell({ kind: "notification", text: `number ${count}` });
  await Promise.resolve();
  const { items } = await list(client, "?kind=notification&limit=200");
  assert.ok(items.length <= 25, `${items.length} rows`);
  const flood = items.find(({ title }) => title === "Flood of notices");
  assert.match(flood?.text ?? "", /^9,9\d\d more/);
});

test("pages follow each other without gaps, whatever the kinds", async (client) => {
  for (let line = 0; line < 25; line++) await client.type(`line ${line}\r`);
  client.t.store.notices.add({
    atMs: 1,
    kind: "ungated",
    title: "Past the gate",
    text: "",
    sessionId: client.id,
  });
  const found: string[] = [];
  let cursor = "";
  do {
    const page = await list(client, `?limit=4${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    found.push(...page.items.map(({ id }) => id));
    cursor = page.next ?? "";
  } while (cursor);
  assert.equal(new Set(found).size, found.length);
  assert.deepEqual(found, (await list(client, "?limit=200")).items.map(({ id }) => id));
  assert.equal(found.at(-1), "notice-1");
});

test("a download has a name, a type, and who and when in it", async (client) => {
  await client.type("ls\r");
  const [item] = (await list(client, "?kind=input")).items;
  const text = await client.get(`/${item?.id}/download`);
  assert.equal(text.headers.get("content-type"), "text/plain; charset=utf-8");
  assert.equal(text.headers.get("content-disposition"), `attachment; filename="${item?.id}.txt"`);
  assert.match(await text.text(), /^Typed, 20\d\d-.*Z\n\nls\n$/);
  const json = await client.get(`/${item?.id}/download?format=json`);
  assert.equal((await json.json()).id, item?.id);
});

for (
  const [query, status] of [
    ["?kind=nothing", 400],
    ["?limit=0", 400],
    ["?limit=201", 400],
    ["?cursor=1", 400],
    ["?cursor=[1,-1,1]", 400],
    ["/event-1?secrets=yes", 400],
    ["/event-1/download?format=exe", 400],
    ["/event-999", 404],
    ["/resume", 404],
    ["/..%2f", 404],
  ] as const
) {
  test(`"${query}" is answered with ${status}`, async ({ get }) => {
    const response = await get(query);
    assert.equal(response.status, status);
    await response.body?.cancel();
  });
}

test("artifacts of one session are not another's", async (client) => {
  const other = await client.t.sessions.launch({ cwd: client.t.directory, command: "sh" });
  const response = await client.get("/event-2");
  assert.equal(response.status, 404);
  await response.body?.cancel();
  assert.equal(client.t.store.events.getEntry(other.id, 2)?.kind, "started");
});
