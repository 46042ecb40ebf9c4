import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page, SessionEvent, SessionView } from "../protocol.ts";
import { writeScripts } from "../testing/fake_agents.ts";
import { test as appTest, type TestApp } from "../testing/test_app.ts";

interface Client {
  t: TestApp;
  launch(command: string, more?: Record<string, unknown>): Promise<SessionView>;
  post(id: string, what: string): Promise<{ status: number; body: SessionView }>;
  markers(id: string): Promise<string[]>;
}

function test(name: string, work: (client: Client) => Promise<void>): void {
  appTest(name, async (t) => {
    await writeScripts(join(t.directory, "bin"), { claude: "" });
    const page = await t.openPage();
    await work({
      t,
      launch: (command, more = {}) => {
        const body = { cwd: t.directory, command, ...more };
        return page.call("/api/sessions", { method: "POST", body, status: 201 });
      },
      async post(id, what): Promise<{ status: number; body: SessionView }> {
        const response = await page.request(`/api/sessions/${id}/${what}`, { method: "POST", body: {} });
        return { status: response.status, body: await response.json() };
      },
      async markers(id): Promise<string[]> {
        const { items } = await page.call<Page<SessionEvent>>(`/api/sessions/${id}/events`);
        return items.map(({ kind }) => kind).reverse();
      },
    });
  });
}

test("a session is paused and continued, once each, with a marker", async ({ t, launch, post, markers }) => {
  const { id } = await launch("cat");
  assert.equal((await post(id, "continue")).body.paused, false);
  for (const _ of [1, 2]) assert.equal((await post(id, "pause")).body.paused, true);
  assert.equal(t.sessions.get(id).paused, true);
  for (const _ of [1, 2]) assert.equal((await post(id, "continue")).body.paused, false);
  assert.deepEqual(t.holder.signals, ["pause", "resume"]);
  assert.deepEqual(await markers(id), ["started", "user_pause", "user_continue"]);
});

test("what does not run, or passes the gate, is not paused", async ({ t, launch, post }) => {
  const ended = await launch("cat");
  t.holder.exit(ended.id);
  assert.deepEqual([(await post(ended.id, "pause")).status, (await post(ended.id, "continue")).status], [
    409,
    409,
  ]);
  const gated = await launch("claude", { budget: { usd: 1 } });
  assert.equal(gated.metering, "gate");
  assert.equal((await post(gated.id, "pause")).status, 409);
  assert.equal((await post("00000000-0000-7000-8000-0000000000ff", "pause")).status, 404);
  assert.deepEqual(t.holder.signals, []);
});

test("a paused agent is woken before it is asked to leave", async ({ t, launch, post }) => {
  const { id } = await launch("claude", { additions: { gateway: false } });
  await post(id, "pause");
  await post(id, "stop");
  await t.sessions.stopsFinished();
  assert.deepEqual(t.holder.signals.slice(0, 2), ["pause", "resume"]);
  assert.equal(t.holder.written[0]?.text, "\x03");
  assert.equal(t.sessions.get(id).lifecycle, "ended");
});

test("a new server lets go on what stood still for want of one, and nothing else", async ({ t, launch, post }) => {
  const [byUser, unsupervised] = [await launch("cat"), await launch("cat")];
  await post(byUser.id, "pause");
  t.holder.signals.length = 0;
  const held = { pid: 1, startedAtMs: 1, offset: 0, cols: 80, rows: 24, paused: true };
  t.holder.running = [byUser, unsupervised].map(({ id }) => ({ session: id, ...held }));
  await t.rooms.reconcile();
  assert.deepEqual(t.holder.signals, ["resume"]);
  assert.equal(t.sessions.get(byUser.id).paused, true);
});
