import assert from "node:assert/strict";
import { join } from "node:path";
import type { LaunchCheck, Notice, Page, SessionView } from "../protocol.ts";
import { AGENT_ORIGIN } from "../testing/test_app.ts";
import { DIME, launch, test } from "../testing/money_page.ts";

test("a launch check says what is added, how it is paid and how it is metered", async ({ t, call }) => {
  const query = new URLSearchParams({ cwd: t.directory, command: "claude --model opus" });
  const check = await call<LaunchCheck>(`/api/launch-check?${query}`);
  assert.deepEqual(check.additions?.map(({ id, on }) => [id, on]), [
    ["session_id", true],
    ["gateway", false],
    ["telemetry", true],
    ["hooks", true],
  ]);
  assert.equal(check.signIn?.state, "missing");
  assert.deepEqual(check.metering?.sources, ["otlp", "transcript", "screen"]);
  assert.deepEqual(check.metering?.automatic, { limited: "gate", unlimited: "observe" });
  assert.deepEqual(check.metering?.modes.map(({ mode, problem }) => [mode, problem]), [
    ["gate", undefined],
    ["observe", undefined],
  ]);
  assert.ok(check.metering?.modes[0]?.changes.some((change) => change.includes("Remote Control")));
  const shell = new URLSearchParams({ cwd: t.directory, command: "cat" });
  const { metering } = await call<LaunchCheck>(`/api/launch-check?${shell}`);
  assert.deepEqual(metering?.automatic, { limited: "observe", unlimited: "observe" });
  assert.ok(!JSON.stringify(check).includes("x-agents-fleet-key"));
  const codex = new URLSearchParams({ cwd: t.directory, command: "codex" });
  const off = (await call<LaunchCheck>(`/api/launch-check?${codex}`)).additions?.find(({ id }) =>
    id === "gateway"
  );
  assert.equal(off?.on, false);
  assert.match(
    off?.flags.join(" ") ?? "",
    /-c model_provider="agents-fleet"/,
    "what a budget would add is known before",
  );
});

test("additions are switched off by the settings and by a launch; the key is in a private file", async (page) => {
  const { t, call } = page;
  const { id } = await launch(page);
  const file = join(t.directory, "runs", id, "settings.json");
  const [first] = t.holder.spawned;
  assert.deepEqual(first?.argv.slice(1), ["--session-id", id, "--settings", file]);
  assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  await call("/api/settings/fleet", { method: "PATCH", body: { additionsOff: ["hooks", "telemetry"] } });
  await launch(page, { additions: { session_id: false } });
  assert.deepEqual(t.holder.spawned[1]?.argv.slice(1), []);
  t.holder.exit(id);
  await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
});

test("the settings' budget is given to new conversations, and sessions with one are paused unsupervised", async (page) => {
  const { t, call } = page;
  const none = { usd: null, tokens: null };
  const defaultBudgets = { claude: { usd: 2, tokens: null }, codex: none, shell: none };
  await call("/api/settings/fleet", { method: "PATCH", body: { defaultBudgets } });
  const [limited, free] = [await launch(page), await launch(page, { budget: { usd: null } })];
  assert.deepEqual([limited.budgets?.[0]?.limit, free.budgets], [2_000_000_000, undefined]);
  assert.deepEqual(t.holder.spawned.map(({ pauseUnsupervised }) => pauseUnsupervised), [true, false]);
  const told = (): unknown[] => [limited, free].map(({ id }) => t.holder.pauseUnsupervised.get(id));
  const day = (usd: number | null): Promise<unknown> =>
    call("/api/budgets", { method: "PATCH", body: { scope: "day", limits: { usd } } });
  await day(50);
  assert.deepEqual(told(), [true, true]);
  await day(null);
  assert.deepEqual(told(), [true, false]);
});

test("a session with a budget goes through the gate unless it is switched off, and its key stays private", async (page) => {
  const { t, call } = page;
  const gated = await launch(page, { budget: { usd: 1 }, additions: {}, atLimit: "hold" });
  assert.deepEqual([gated.metering, gated.atLimit, gated.held], ["gate", "hold", false]);
  assert.equal(t.holder.spawned[0]?.pauseUnsupervised, false);
  const file = JSON.parse(await Deno.readTextFile(join(t.directory, "runs", gated.id, "settings.json")));
  assert.equal(file.env.ANTHROPIC_BASE_URL, `${AGENT_ORIGIN}/anthropic`);
  assert.match(file.env.ANTHROPIC_CUSTOM_HEADERS, /^x-agents-fleet-key: /);
  assert.equal(file.env.API_TIMEOUT_MS, "3600000");
  const free = await launch(page, { additions: {} });
  assert.deepEqual([free.metering, free.atLimit], ["observe", undefined]);
  const changed = await call<SessionView>(`/api/sessions/${gated.id}`, {
    method: "PATCH",
    body: { atLimit: "stop" },
  });
  assert.equal(changed.atLimit, "stop");
  assert.deepEqual(await call(`/api/sessions/${gated.id}/gate`), { inFlight: [], events: [] });
});

test("a gated session that spends past its gate is told of, and stopped at its limit all the same", async (page) => {
  const { t, call, report } = page;
  const { id } = await launch(page, { budget: { usd: 1 }, additions: {} });
  await report(id, { ...DIME, requestId: "r0" });
  const notices = await call<Page<Notice>>("/api/notices");
  assert.deepEqual(notices.items.map(({ kind }) => kind), ["ungated"]);
  assert.deepEqual(t.sessions.get(id).usage?.ungated, { calls: 1, costNanoUsd: 100_000_000 });
  await report(id, ...Array.from({ length: 10 }, (_, index) => ({ ...DIME, requestId: `req_x${index}` })));
  assert.equal(t.sessions.get(id).lifecycle, "stopping");
});
