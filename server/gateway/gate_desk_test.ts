import assert from "node:assert/strict";
import { join } from "node:path";
import type { GateActivity, LaunchCheck, LedgerRow, Notice, Page, SessionView } from "../protocol.ts";
import { otlpBody } from "../testing/fake_agents.ts";
import { FakeProvider } from "../testing/fake_provider/fake_provider.ts";
import { AGENT_ORIGIN, createTestApp, TEST_ORIGIN, type TestApp } from "../testing/test_app.ts";

interface Bench {
  t: TestApp;
  provider: FakeProvider;
  launch(more?: Record<string, unknown>): Promise<SessionView>;
  /** A model call as the session's agent makes it. */
  ask(session: string, prompt: string): Promise<Response>;
  get<Answer>(path: string): Promise<Answer>;
  setLimit(conversationId: string, usd: number): Promise<void>;
  setDayLimit(usd: number): Promise<void>;
}

function test(name: string, work: (bench: Bench) => Promise<void>): void {
  Deno.test(name, async () => {
    const t = await createTestApp();
    const provider = FakeProvider.start();
    try {
      const page = await t.signIn();
      await Deno.mkdir(join(t.directory, "bin"));
      await Deno.writeTextFile(join(t.directory, "bin", "claude"), "#!/bin/sh\n", { mode: 0o755 });
      await Deno.mkdir(join(t.directory, ".claude"));
      const settings = { env: { ANTHROPIC_BASE_URL: provider.url } };
      await Deno.writeTextFile(join(t.directory, ".claude", "settings.json"), JSON.stringify(settings));
      const call = async (path: string, init: RequestInit = {}) => {
        const response = await t.app.request(TEST_ORIGIN + path, { headers: page, ...init });
        const body = await response.json();
        assert.ok(response.ok, JSON.stringify(body));
        return body;
      };
      const post = (method: string, body: unknown): RequestInit => ({ method, body: JSON.stringify(body) });
      await work({
        t,
        provider,
        launch: (more = {}) =>
          call(
            "/api/sessions",
            post("POST", { cwd: t.directory, command: "claude", budget: { usd: 5 }, ...more }),
          ),
        ask: async (session, prompt) =>
          await t.agentApp.request(`${AGENT_ORIGIN}/anthropic/v1/messages`, {
            method: "POST",
            headers: { ...t.agentHeaders(session), "content-type": "application/json" },
            body: bodyOf(prompt),
          }),
        get: (path) => call(path),
        setLimit: async (conversationId, usd) =>
          void await call(
            "/api/budgets",
            post("PATCH", { scope: "conversation", conversationId, limits: { usd } }),
          ),
        setDayLimit: async (usd) =>
          void await call("/api/budgets", post("PATCH", { scope: "day", limits: { usd } })),
      });
    } finally {
      await t.close();
      await provider.close();
    }
  });
}

function bodyOf(prompt: string): string {
  return JSON.stringify({
    model: "claude-opus-5-5",
    max_tokens: 32_000,
    stream: true,
    messages: [{ role: "user", content: `${prompt} [[input:100]] [[cache:write=0]]` }],
  });
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const endsAtMs = Date.now() + 10_000;
  while (!await condition()) {
    assert.ok(Date.now() < endsAtMs, `never came true: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("a gated call goes to the user's own base URL and is one row, also when the agent reports it too", async ({ t, provider, launch, ask, get }) => {
  const { id } = await launch();
  await (await ask(id, "[[output:100]]")).text();
  const [request] = provider.log.calls;
  assert.equal(request?.headers["x-agents-fleet-key"], undefined);
  const row = { requestId: request?.requestId ?? "", input: 100, output: 100, cacheRead: 0, cacheWrite: 0 };
  await (await t.agentApp.request(`${AGENT_ORIGIN}/v1/logs`, {
    method: "POST",
    headers: t.agentHeaders(id),
    body: JSON.stringify(otlpBody([row], Date.now())),
  })).text();
  const { items } = await get<Page<LedgerRow>>(`/api/sessions/${id}/ledger`);
  assert.deepEqual(items.map(({ source, sources, tokens }) => [source, sources, tokens.output]), [
    ["gateway", ["gateway", "otlp"], 100],
  ]);
  const view = t.sessions.get(id);
  assert.deepEqual([view.usage?.confidence, view.usage?.ungated, view.blindSpots], [
    "exact",
    undefined,
    undefined,
  ]);
  const { events, inFlight } = await get<GateActivity>(`/api/sessions/${id}/gate`);
  assert.deepEqual([events.map(({ kind }) => kind), inFlight], [["settled", "reserved"], []]);
});

test("size and hash of a request are in the ledger only if the settings say so", async ({ t, launch, ask, get }) => {
  const { id } = await launch();
  await (await ask(id, "first [[output:10]]")).text();
  t.rooms.settings.updateFleet({ keepRequestHashes: true });
  await (await ask(id, "second [[output:10]]")).text();
  const { items } = await get<Page<LedgerRow>>(`/api/sessions/${id}/ledger?order=asc`);
  const body = new TextEncoder().encode(bodyOf("second [[output:10]]"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  assert.deepEqual(items.map(({ requestBytes, requestSha256 }) => [requestBytes, requestSha256]), [
    [undefined, undefined],
    [body.length, Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")],
  ]);
});

test("calls go on to the proxy that was chosen at the launch, also after a resume", async ({ t, provider, launch, ask, get }) => {
  const proxy = FakeProvider.start();
  try {
    const { id, metering, upstream } = await launch({ upstream: `${proxy.url}/v1`, budget: {} });
    assert.deepEqual([metering, upstream], ["gate", `${proxy.url}/v1`]);
    assert.equal((await ask(id, "[[output:100]]")).status, 200);
    assert.deepEqual([proxy.log.calls.length, provider.log.calls.length], [1, 0]);
    t.holder.exit(id);
    const again = await t.sessions.resume(id, {});
    assert.equal(again.upstream, `${proxy.url}/v1`);
    await (await ask(again.id, "[[output:100]]")).text();
    assert.equal(proxy.log.calls.length, 2);
    await assert.rejects(
      launch({ upstream: "https://me:secret@proxy.example" }),
      /must be without credentials/,
    );
    await assert.rejects(
      launch({ upstream: proxy.url, additions: { gateway: false } }),
      /do not pass the gate/,
    );
    const { metering: offered } = await get<LaunchCheck>(
      `/api/launch-check?${new URLSearchParams({ cwd: t.directory, command: "claude" })}`,
    );
    assert.deepEqual(offered?.upstreams, []);
  } finally {
    await proxy.close();
  }
});

test("a limit that comes after the launch is kept by what is reported, says so, and gates the resumed session", async ({ t, launch, setLimit }) => {
  const { id, conversationId, metering, meteringNote } = await launch({ budget: undefined });
  assert.deepEqual([metering, meteringNote], ["observe", undefined]);
  await setLimit(conversationId, 0.002);
  assert.match(t.sessions.get(id).meteringNote ?? "", /started without the gate: .*reported.* resume it/);
  const row = { requestId: "req_1", input: 100, output: 100, costUsd: 0.003 };
  await (await t.agentApp.request(`${AGENT_ORIGIN}/v1/logs`, {
    method: "POST",
    headers: t.agentHeaders(id),
    body: JSON.stringify(otlpBody([row], Date.now())),
  })).text();
  await t.sessions.stopsFinished();
  assert.deepEqual([t.sessions.get(id).endReason, t.sessions.get(id).meteringNote], ["budget", undefined]);
  const resumed = await t.sessions.resume(id, { budget: { usd: 5 } });
  assert.deepEqual([resumed.metering, resumed.meteringNote], ["gate", undefined]);
});

test("a refused call stops its session, once, with a notice that names the budget", async ({ t, provider, launch, ask, get }) => {
  const { id } = await launch({ budget: { usd: 0.001 } });
  const refused = await Promise.all([ask(id, "x"), ask(id, "y")]);
  assert.deepEqual(refused.map(({ status }) => status), [402, 402]);
  assert.match(await (refused[0]?.text()) ?? "", /the budget of this conversation .*\/s\//);
  assert.equal(provider.log.calls.length, 0);
  await until(() => t.sessions.get(id).lifecycle !== "running");
  const notices = await get<Page<Notice>>("/api/notices");
  assert.deepEqual(notices.items.map(({ kind, budget }) => [kind, budget?.name]), [
    ["budget_stop", "this conversation"],
  ]);
});

test("a held session is shown with its limit, told of once, and goes on when that is raised", async ({ t, launch, ask, get, setLimit }) => {
  const { id, conversationId } = await launch({ budget: { usd: 0.001 }, atLimit: "hold" });
  const asked = ask(id, "[[output:50]]");
  await until(() => t.sessions.get(id).held);
  const { hold } = t.sessions.get(id);
  assert.deepEqual([hold?.budget?.limit, hold?.budget?.scope], [1_000_000, "conversation"]);
  await setLimit(conversationId, 0.002);
  await setLimit(conversationId, 1);
  assert.equal((await asked).status, 200);
  await (await asked).text();
  assert.deepEqual([t.sessions.get(id).held, t.sessions.get(id).lifecycle], [false, "running"]);
  const notices = await get<Page<Notice>>("/api/notices");
  assert.deepEqual(notices.items.map(({ kind }) => kind), ["budget_hold"]);
  const events = await get<Page<{ kind: string }>>(`/api/sessions/${id}/events`);
  const holds = events.items.map(({ kind }) => kind).filter((kind) => kind.startsWith("budget_hold"));
  assert.deepEqual(holds, ["budget_hold_ended", "budget_hold"]);
});

test("a raise that does not help is told: the next limit in the way, or the same with what the call needs", async ({ t, launch, ask, get, setLimit, setDayLimit }) => {
  const { id, conversationId } = await launch({ budget: { usd: 0.001 }, atLimit: "hold" });
  const asked = ask(id, "[[output:50]]");
  await until(() => t.sessions.get(id).held);
  const needed = t.sessions.get(id).hold?.needed ?? 0;
  assert.ok(needed > 1_000_000, `it needs ${needed}`);
  await setDayLimit(0.002);
  await setLimit(conversationId, 1);
  await until(() => t.sessions.get(id).hold?.budget?.scope === "day");
  await setDayLimit(1);
  await (await asked).text();
  assert.equal(t.sessions.get(id).hold, undefined);
  const notices = await get<Page<Notice>>("/api/notices");
  assert.deepEqual(notices.items.map(({ kind }) => kind), ["budget_hold"]);
});

test("pages are told what a gate did, each event once", async ({ t, launch, ask, get }) => {
  const { id } = await launch();
  await (await ask(id, "[[output:100]]")).text();
  await until(() => t.messages.some(({ type }) => type === "gate_events"));
  const told = t.messages.flatMap((message) => message.type === "gate_events" ? message.items : []);
  const { events } = await get<GateActivity>(`/api/sessions/${id}/gate`);
  assert.deepEqual(told, events.toReversed().map((event) => ({ sessionId: id, event })));
});

test("a held call lets go when its session is stopped", async ({ t, launch, ask }) => {
  const { id } = await launch({ budget: { usd: 0.001 }, atLimit: "hold" });
  const asked = ask(id, "x");
  await until(() => t.sessions.get(id).held);
  t.holder.exit(id);
  assert.ok((await asked).status >= 400);
  assert.equal(t.rooms.gate.gateway.listInFlight().length, 0);
  assert.equal((await ask(id, "x")).status, 400);
});

test("pages are told what is under way, and when nothing is any more", async ({ t, launch, ask }) => {
  const { id } = await launch();
  const response = await ask(id, "[[output:3000]] [[slow:1500ms]]");
  const text = response.text();
  const told = (): { outputTokens: number; state: string }[][] =>
    t.messages.flatMap((message) => message.type === "in_flight" ? [message.calls] : []);
  await until(() => told().length > 0);
  assert.equal(told()[0]?.[0]?.state, "streaming");
  await text;
  await until(() => told().at(-1)?.length === 0);
  assert.deepEqual(t.store.reservations.list(), []);
});
