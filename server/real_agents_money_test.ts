// The real agents, started by the real program, against a provider with exact books: the ledger must equal them.
import assert from "node:assert/strict";
import type { LedgerRow, Page, SessionView } from "./protocol.ts";
import { agentBinary, type AgentName, testWithAgents } from "./testing/real_agents.ts";
import { type AgentHome, createAgentHome } from "./testing/agent_home.ts";
import { ApiClient } from "./testing/api_client.ts";
import { FakeProvider } from "./testing/fake_provider/fake_provider.ts";
import { endHolders, type RunningProgram, runProgram, startProgram } from "./testing/running_program.ts";

/** Dollars per million tokens, from the vendors' price pages, written here by hand. */
const PRICES: Record<
  string,
  { input: number; cacheRead: number; write5m: number; write1h: number; output: number }
> = {
  "claude-opus-5-5": { input: 4, cacheRead: 0.2, write5m: 5, write1h: 8, output: 20 },
  "gpt-5.5": { input: 5, cacheRead: 0.5, write5m: 5, write1h: 5, output: 30 },
};

interface Bench {
  api: ApiClient;
  program: RunningProgram;
  provider: FakeProvider;
  home: AgentHome;
}

async function withBench(work: (bench: Bench) => Promise<void>): Promise<void> {
  const provider = FakeProvider.start();
  const home = await createAgentHome({ providerUrl: provider.url });
  const program = await startProgram({
    dataDirectory: `${home.home}/data`,
    env: { ...home.env, DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno` },
  });
  try {
    await work({ api: await ApiClient.signIn(program.printedUrl), program, provider, home });
    const { code, output } = await runProgram(["check-ledger", "--data", program.dataDirectory]);
    assert.equal(code, 0, output);
  } finally {
    await program.stop();
    await endHolders(program.dataDirectory);
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
