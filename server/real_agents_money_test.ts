// The real agents, started by the real program, against a provider with exact books: the ledger must equal them.
// deno-lint-ignore-file no-console -- how far a limit was overrun is a figure of the run
import assert from "node:assert/strict";
import type { LedgerRow, Page, SessionView } from "./protocol.ts";
import { agentBinary, type AgentName, testWithAgents } from "./testing/real_agents.ts";
import { type AgentHome, createAgentHome } from "./testing/agent_home.ts";
import type { ApiClient } from "./testing/api_client.ts";
import { type DrivenProgram, withProgram } from "./testing/driven_program.ts";
import { FakeProvider } from "./testing/fake_provider/fake_provider.ts";

/** Dollars per million tokens, from the vendors' price pages, written here by hand. */
const PRICES: Record<
  string,
  { input: number; cacheRead: number; write5m: number; write1h: number; output: number }
> = {
  "claude-opus-5-5": { input: 4, cacheRead: 0.2, write5m: 5, write1h: 8, output: 20 },
  "gpt-5.5": { input: 5, cacheRead: 0.5, write5m: 5, write1h: 5, output: 30 },
};

interface Bench extends DrivenProgram {
  provider: FakeProvider;
  home: AgentHome;
}

async function withBench(work: (bench: Bench) => Promise<void>): Promise<void> {
  const provider = FakeProvider.start();
  const home = await createAgentHome({ providerUrl: provider.url });
  const options = { dataDirectory: `${home.home}/data`, env: home.env };
  try {
    await withProgram(options, (driven) => work(Object.assign(driven, { provider, home })));
  } finally {
    await provider.close();
    await home.remove();
  }
}

/** What the provider's books say the completed requests of a model are worth, to the nano-dollar. */
function booksOf(provider: FakeProvider): { calls: number; nanoUsd: number; tokens: number[] } {
  const books = { calls: 0, nanoUsd: 0, tokens: [0, 0, 0, 0, 0] };
  for (const { outcome, usage, model = "" } of provider.log.requests) {
    const price = PRICES[model];
    if (outcome !== "complete" || !usage || !price) continue;
    const counts = [usage.input, usage.cacheRead, usage.cacheWrite5m, usage.cacheWrite1h, usage.output];
    const rates = [price.input, price.cacheRead, price.write5m, price.write1h, price.output];
    books.calls += 1;
    books.tokens = books.tokens.map((sum, index) => sum + (counts[index] ?? 0));
    books.nanoUsd += counts.reduce(
      (sum, count, index) => sum + Math.round(count * (rates[index] ?? 0) * 1000),
      0,
    );
  }
  return books;
}

async function ledgerOf(
  api: ApiClient,
  id: string,
): Promise<{ calls: number; nanoUsd: number; tokens: number[] }> {
  const { items } = await api.call<Page<LedgerRow>>(`/api/sessions/${id}/ledger?limit=500`);
  const sum = (read: (row: LedgerRow) => number): number =>
    items.reduce((total, row) => total + read(row), 0);
  return {
    calls: items.length,
    nanoUsd: sum((row) => row.costNanoUsd),
    tokens: [
      sum(({ tokens }) => tokens.input),
      sum(({ tokens }) => tokens.cacheRead),
      sum(({ tokens }) => tokens.cacheWrite5m),
      sum(({ tokens }) => tokens.cacheWrite1h),
      sum(({ tokens }) => tokens.output),
    ],
  };
}

/** Waits until the ledger has what the books have, then compares. */
async function assertExact({ api, provider }: Bench, id: string): Promise<void> {
  const books = booksOf(provider);
  await api.waitFor(id, ({ usage }) => usage?.calls === books.calls).catch(() => undefined);
  assert.deepEqual(await ledgerOf(api, id), books);
}

function commandOf(agent: AgentName, prompt: string): string {
  const quoted = `'${prompt}'`;
  return agent === "claude"
    ? `${agentBinary("claude")} -p ${quoted} --allowedTools Bash Agent --output-format json`
    : `${agentBinary("codex")} exec --skip-git-repo-check ${quoted}`;
}

const RUNS: Record<string, string> = {
  text: "Say hello",
  tools: "Do it [[tools:3]]",
  cache: "Cached [[cache:write=1000,write1h=500,read=9000]] [[input:200]]",
  "sub-agent": "Delegate [[subagent]]",
  "error and retry": "Try [[error:529x2]]",
};

for (const agent of ["claude", "codex"] as const) {
  for (const [name, prompt] of Object.entries(RUNS)) {
    testWithAgents(
      { name: `${agent}, ${name}: the ledger is the provider's log`, agents: [agent] },
      () =>
        withBench(async (bench) => {
          const { id } = await bench.api.launch({
            cwd: bench.home.repository,
            command: commandOf(agent, prompt),
          });
          const ended = await bench.api.waitForEnd(id);
          assert.equal(ended.exitCode, 0);
          await assertExact(bench, id);
          const view = await bench.api.call<SessionView>(`/api/sessions/${id}`);
          assert.equal(view.usage?.confidence, "exact");
        }),
    );
  }
}

for (const agent of ["claude", "codex"] as const) {
  testWithAgents(
    { name: `${agent} without telemetry: its own files are as exact`, agents: [agent] },
    () =>
      withBench(async (bench) => {
        const command = commandOf(agent, "Do it [[tools:3]]");
        const request = { cwd: bench.home.repository, command, additions: { telemetry: false } };
        const { id } = await bench.api.launch(request);
        await bench.api.waitForEnd(id);
        await assertExact(bench, id);
        assert.deepEqual(Object.keys((await bench.api.waitForEnd(id)).usage?.sources ?? {}), ["transcript"]);
      }),
  );

  testWithAgents({
    name: `${agent} goes on while the server is killed: nothing is lost or twice`,
    agents: [agent],
  }, () =>
    withBench(async (bench) => {
      const command = commandOf(agent, "Do it [[tools:8]] [[slow:300ms]]");
      const { id } = await bench.api.launch({ cwd: bench.home.repository, command });
      await bench.api.waitFor(id, ({ usage }) => (usage?.calls ?? 0) >= 2);
      await bench.program.kill();
      await bench.provider.log.waitFor(({ completed }) => completed.length >= 6);
      await bench.start();
      await bench.api.waitForEnd(id);
      await assertExact(bench, id);
    }));
}

/** In the terminal both make a title call beside the conversation. */
const TERMINAL_RUNS: Record<AgentName, string> = {
  claude: `${
    agentBinary("claude")
  } --allowedTools Bash -- 'Do it [[tools:2]] [[cache:write=100,write1h=0,read=5000]]'`,
  codex: `${agentBinary("codex")} 'Do it [[tools:2]]'`,
};

for (const agent of ["claude", "codex"] as const) {
  testWithAgents(
    { name: `${agent} in its terminal: the ledger is the provider's log`, agents: [agent] },
    () =>
      withBench(async (bench) => {
        const { api, home, provider } = bench;
        const { id } = await api.launch({ cwd: home.repository, command: TERMINAL_RUNS[agent] });
        await api.waitFor(id, ({ usage, activity }) => (usage?.calls ?? 0) >= 4 && activity === "idle");
        await assertExact(bench, id);
        await api.call(`/api/sessions/${id}/stop`, { method: "POST" });
        const ended = await api.waitForEnd(id);
        assert.deepEqual([ended.endReason, ended.exitSignal], ["user_stop", undefined]);
        await assertExact(bench, id);
        assert.equal(ended.usage?.confidence, "exact");
        assert.ok(provider.log.requests.some(({ lane }) => lane === "title"));
      }),
  );
}

/** A terminal program with a long list of tools to call. */
const LOOPS: Record<AgentName, string> = {
  claude: `${
    agentBinary("claude")
  } --allowedTools Bash -- 'Loop [[tools:80]] [[output:2000]] [[slow:300ms]]'`,
  codex: `${agentBinary("codex")} 'Loop [[tools:80]] [[output:2000]] [[slow:300ms]]'`,
};
const BEFORE_ENTER_MS = 700;
const LIMITS = { usd: { usd: 0.5 }, tokens: { tokens: 20_000 } };

for (const agent of ["claude", "codex"] as const) {
  for (const [unit, budget] of Object.entries(LIMITS)) {
    testWithAgents({
      name: `${agent} in a tool loop is stopped by its ${unit} budget without a gate, and resumes`,
      agents: [agent],
    }, () =>
      withBench(async (bench) => {
        const { api, home, provider } = bench;
        // Without the gate: what is counted after each answer stops the agent.
        const additions = { gateway: false };
        const { id } = await api.launch({ cwd: home.repository, command: LOOPS[agent], budget, additions });
        const ended = await api.waitFor(id, ({ lifecycle }) => lifecycle === "ended");
        assert.deepEqual([ended.endReason, ended.exitSignal], ["budget", undefined]);
        const line = ended.budgets?.find((each) => each.scope === "conversation");
        assert.ok(line && line.used >= line.limit);
        const perCall = line.used / (ended.usage?.calls ?? 1);
        const overshoot = (line.used - line.limit) / perCall;
        console.log(`${agent} ${unit}: ${ended.usage?.calls} calls, overshoot ${overshoot.toFixed(1)} calls`);
        assert.ok(overshoot < 3, `overshoot of ${overshoot} calls`);
        const confirmed = await api.waitFor(id, ({ resume }) => resume?.confirmed === true);
        await assert.rejects(api.call(`/api/sessions/${id}/resume`, { method: "POST", body: {} }), /used up/);
        const more = unit === "usd" ? { usd: 5 } : { tokens: 500_000 };
        const again = await api.call<SessionView>(`/api/sessions/${id}/resume`, {
          method: "POST",
          body: { budget: more },
        });
        assert.equal(again.conversationId, ended.conversationId);
        assert.equal(again.resume?.agentSessionId, confirmed.resume?.agentSessionId);
        const before = provider.log.requests.length;
        await typeInto(bench, again.id, "Say hello once more");
        await api.waitFor(again.id, ({ usage }) => (usage?.calls ?? 0) >= 1);
        assert.ok(provider.log.requests.length > before);
        const lines = (await api.call<SessionView>(`/api/sessions/${again.id}`)).budgets;
        assert.ok((lines?.[0]?.used ?? 0) > line.used, "the conversation's spending goes on");
        await api.call(`/api/sessions/${again.id}/stop`, { method: "POST" });
        assert.equal((await api.waitForEnd(again.id)).endReason, "user_stop");
      }));
  }
}

/** Types a prompt once the agent waits for one; Enter apart, or the whole is taken for a paste. */
async function typeInto({ api }: Bench, id: string, prompt: string): Promise<void> {
  await api.waitFor(id, ({ activity }) => activity === "idle");
  const terminal = await api.openTerminal(id);
  terminal.type(prompt);
  await terminal.untilOutput(prompt.slice(-4));
  await new Promise((resolve) => setTimeout(resolve, BEFORE_ENTER_MS));
  terminal.type("\r");
}

testWithAgents({
  name: "codex interrupted without a gate: the session says that an answer is not counted",
  agents: ["codex"],
}, () =>
  withBench(async ({ api, home, provider }) => {
    const command = `${agentBinary("codex")} 'Work [[output:6000]] [[slow:12s]]'`;
    const { id } = await api.launch({ cwd: home.repository, command, additions: { gateway: false } });
    const terminal = await api.openTerminal(id);
    await provider.log.waitFor((log) => log.calls.some(({ outputTokensSent }) => outputTokensSent > 1000));
    terminal.type("\x1b");
    await provider.log.waitFor((log) => log.calls.some(({ outcome }) => outcome === "aborted"));
    const { blindSpots = [], resume } = await api.waitFor(id, (session) => session.blindSpots?.length === 2);
    assert.match(blindSpots[0] ?? "", /^1 turn was interrupted/);
    assert.ok(resume, "the conversation is known before its first answer is whole");
    await terminal.close();
    await api.call(`/api/sessions/${id}/stop`, { method: "POST" });
    await api.waitForEnd(id);
  }));
