// The real agents behind the gate, against a provider with exact books: what they do, what it costs, what the ledger says.
// deno-lint-ignore-file no-console -- the figures of the runs are what these tests are for
import assert from "node:assert/strict";
import type { GateActivity, LaunchRequest, LedgerRow, Notice, Page, SessionView } from "./protocol.ts";
import { Screen } from "./holder/screen/screen.ts";
import { type AgentHome, createAgentHome } from "./testing/agent_home.ts";
import { type DrivenProgram, withProgram } from "./testing/driven_program.ts";
import { FakeProvider } from "./testing/fake_provider/fake_provider.ts";
import { billedUsage, type ServedRequest } from "./testing/fake_provider/request_log.ts";
import { agentBinary, type AgentName, testWithAgents } from "./testing/real_agents.ts";

/** Dollars per million tokens, from the vendors' price pages, written here by hand: input, cached, written, output. */
const PRICES: Record<string, [number, number, number, number]> = {
  "claude-opus-5-5": [4, 0.2, 5, 20],
  "gpt-5.5": [5, 0.5, 5, 30],
};
const NANO_PER_MILLION = 1000;
const AGENTS = ["claude", "codex"] as const;

interface Bench extends DrivenProgram {
  provider: FakeProvider;
  home: AgentHome;
  launch(agent: AgentName, prompt: string, more?: Partial<LaunchRequest>): Promise<SessionView>;
}

function test(
  agent: AgentName,
  name: string,
  work: (bench: Bench) => Promise<void>,
  claudeSettings: Record<string, unknown> = {},
): void {
  testWithAgents({ name: `${agent}: ${name}`, agents: [agent] }, () => withBench(work, claudeSettings));
}

async function withBench(
  work: (bench: Bench) => Promise<void>,
  claudeSettings: Record<string, unknown>,
): Promise<void> {
  const provider = FakeProvider.start();
  const home = await createAgentHome({ providerUrl: provider.url, claudeSettings });
  const options = { dataDirectory: `${home.home}/data`, env: home.env };
  try {
    await withProgram(options, (driven) => {
      const launch: Bench["launch"] = (agent, prompt, more = {}) =>
        driven.api.launch({ cwd: home.repository, command: commandOf(agent, prompt), ...more });
      return work(Object.assign(driven, { provider, home, launch }));
    });
  } finally {
    await provider.close();
    await home.remove();
  }
}

/** Not interactive: it ends when it has answered. */
function commandOf(agent: AgentName, prompt: string): string {
  return agent === "claude"
    ? `${agentBinary("claude")} -p --allowedTools Bash -- '${prompt}'`
    : `${agentBinary("codex")} exec --json '${prompt}'`;
}

function costOf({ model = "", ...request }: ServedRequest): number {
  const [input = 0, cached = 0, written = 0, output = 0] = PRICES[model] ?? [];
  const usage = billedUsage({ model, ...request });
  return Math.round(
    NANO_PER_MILLION *
      (usage.input * input + usage.cacheRead * cached + usage.cacheWrite5m * written + usage.output * output),
  );
}

const billOf = (provider: FakeProvider): number =>
  provider.log.calls.reduce((sum, request) => sum + costOf(request), 0);
const rowsOf = async ({ api }: Bench, id: string): Promise<LedgerRow[]> =>
  (await api.call<Page<LedgerRow>>(`/api/sessions/${id}/ledger?limit=500&order=asc`)).items;

/** All that the agent has printed, without what moves the cursor and without ids. */
async function textOf({ api }: Bench, id: string): Promise<string> {
  const text = new TextDecoder().decode(await api.recording(id));
  // deno-lint-ignore no-control-regex -- the escape character is what is looked for
  return text.replaceAll(/\x1b\[[0-9;?]*[A-Za-z]/g, "").replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID");
}

/** What a run prints when nothing is in its way, but for ids. */
async function textWithoutGate(
  bench: Bench,
  { agent, prompt }: { agent: AgentName; prompt: string },
): Promise<string> {
  const { id } = await bench.launch(agent, prompt, { additions: { gateway: false } });
  await waitForEnd(bench, id);
  bench.provider.log.requests.splice(0);
  return await textOf(bench, id);
}

/** The screen of a session as its recording leaves it, without what differs from run to run. */
async function screenOf({ api }: Bench, id: string): Promise<string> {
  const bytes = await api.recording(id);
  const { cols, rows } = await api.call<SessionView>(`/api/sessions/${id}`);
  const screen = new Screen({ cols, rows, onReply: () => {}, onNotice: () => {} });
  try {
    screen.write(bytes, bytes.length);
    // Claude picks a word for its work, and both tell how long it took.
    return screen.text().join("\n").replaceAll(/^.*\bfor <?\d+s.*$/gm, "(worked for a while)");
  } finally {
    screen.dispose();
  }
}

/** Waits longer than a test usually does: retries take their time. */
async function waitForEnd({ api }: Bench, id: string): Promise<SessionView> {
  const giveUpAtMs = Date.now() + 120_000;
  for (;;) {
    const session = await api.call<SessionView>(`/api/sessions/${id}`);
    if (session.lifecycle === "ended") return session;
    assert.ok(Date.now() < giveUpAtMs, JSON.stringify(session));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const SHOWN: Record<AgentName, RegExp> = { claude: /word word/, codex: /"type":"turn\.completed"/ };

for (const agent of AGENTS) {
  test(
    agent,
    "the result through the gate is the one without it, and every call is one exact row",
    async (bench) => {
      const { provider, launch } = bench;
      const prompt = "Work [[tools:3]] [[output:300]]";
      const outputs: string[] = [];
      for (const more of [{ additions: { gateway: false } }, { budget: { usd: 5 } }]) {
        const { id, metering } = await launch(agent, prompt, more);
        assert.equal(metering, "budget" in more ? "gate" : "observe");
        const ended = await waitForEnd(bench, id);
        assert.deepEqual([ended.endReason, ended.exitCode], ["exited", 0]);
        outputs.push(await textOf(bench, id));
        if (metering !== "gate") provider.log.requests.splice(0);
        else {
          const rows = await rowsOf(bench, id);
          assert.deepEqual(
            rows.map(({ source, requestId }) => [source, requestId]),
            provider.log.calls.map((call) => ["gateway", call.requestId]),
          );
          assert.equal(rows.reduce((sum, row) => sum + row.costNanoUsd, 0), billOf(provider));
          assert.equal(ended.usage?.ungated, undefined);
        }
      }
      assert.match(outputs[0] ?? "", SHOWN[agent]);
      assert.equal(outputs[1], outputs[0]);
    },
  );

  test(
    agent,
    "a budget of about ten calls is not overspent, and at least 90 % of it is used",
    async (bench) => {
      const { api, provider, launch } = bench;
      const usd = agent === "claude" ? 0.3 : 0.5;
      const { id } = await launch(agent, "Loop [[tools:80]] [[output:1000]] [[slow:300ms]]", {
        budget: { usd },
      });
      const ended = await waitForEnd(bench, id);
      assert.equal(ended.endReason, "budget");
      await provider.log.settled();
      const limit = usd * 1e9;
      const [line] = ended.budgets ?? [];
      console.log(
        `${agent}: ${provider.log.calls.length} calls, ledger ${
          ((line?.fraction ?? 0) * 100).toFixed(1)
        } %, ` +
          `provider ${(billOf(provider) / limit * 100).toFixed(1)} %`,
      );
      assert.ok(billOf(provider) <= limit, `${billOf(provider)} of ${limit}`);
      assert.ok((line?.used ?? 0) <= limit && (line?.fraction ?? 0) >= 0.9, JSON.stringify(line));
      const notices = await api.call<Page<Notice>>("/api/notices");
      assert.ok(
        notices.items.some(({ kind, budget }) =>
          kind === "budget_stop" && budget?.name === "this conversation"
        ),
      );
      assert.deepEqual((await api.call<GateActivity>(`/api/sessions/${id}/gate`)).inFlight, []);
    },
  );

  test(
    agent,
    "a held agent waits, and goes on as if nothing had been when the limit is raised",
    async (bench) => {
      const { api, launch } = bench;
      const prompt = "Work [[tools:1]] [[output:300]]";
      const expected = await textWithoutGate(bench, { agent, prompt });
      const { id, conversationId } = await launch(agent, prompt, {
        budget: { usd: 0.0005 },
        atLimit: "hold",
      });
      const held = await api.waitFor(id, (session) => session.held);
      assert.equal(held.hold?.budget?.scope, "conversation");
      await new Promise((resolve) => setTimeout(resolve, HELD_FOR_MS));
      const body = { scope: "conversation", conversationId, limits: { usd: 5 } };
      await api.call("/api/budgets", { method: "PATCH", body });
      const ended = await waitForEnd(bench, id);
      assert.deepEqual([ended.endReason, ended.exitCode], ["exited", 0]);
      assert.match(expected, SHOWN[agent]);
      assert.equal(await textOf(bench, id), expected);
      const notices = await api.call<Page<Notice>>("/api/notices");
      assert.equal(notices.items.filter(({ kind }) => kind === "budget_hold").length, 1);
    },
  );

  test(
    agent,
    "the program is killed in the middle of an answer: the agent tries again and gets through",
    async (bench) => {
      const { provider, launch } = bench;
      const { id } = await launch(agent, "Work [[output:2000]] [[slow:3s]]", { budget: { usd: 5 } });
      await provider.log.waitFor((log) => log.calls.some(({ outputTokensSent }) => outputTokensSent > 400));
      await bench.restart();
      const ended = await waitForEnd(bench, id);
      assert.deepEqual([ended.endReason, ended.exitCode], ["exited", 0]);
      const rows = await rowsOf(bench, id);
      const cut = rows.filter(({ incomplete }) => incomplete === "unfinished");
      assert.deepEqual([cut.length, cut[0]?.confidence], [1, "estimated"]);
      const whole = rows.filter(({ confidence }) => confidence === "exact");
      assert.equal(whole.length, provider.log.completed.length);
      assert.ok((ended.usage?.costNanoUsd ?? 0) >= billOf(provider));
    },
  );
}

for (const agent of AGENTS) {
  test(agent, "the screen of its terminal program is the same with and without the gate", async (bench) => {
    const { api, provider, home } = bench;
    const screens: string[] = [];
    for (const more of [{ additions: { gateway: false } }, { budget: { usd: 5 } }]) {
      const command = `${agentBinary(agent)} 'Work [[tools:1]] [[run:echo done]] [[output:60]]'`;
      const { id } = await api.launch({ cwd: home.repository, command, ...more });
      await api.waitFor(id, ({ activity }) => activity === "idle");
      await provider.log.settled();
      let shown = "";
      while (shown !== (shown = await screenOf(bench, id))) {
        await new Promise((resolve) => setTimeout(resolve, 2000));
      }
      screens.push(shown);
      await api.call(`/api/sessions/${id}/stop`, { method: "POST" });
      await waitForEnd(bench, id);
    }
    assert.match(screens[0] ?? "", /done[^]*word word/);
    assert.equal(screens[1], screens[0]);
  });

  test(agent, "an answer that the user breaks off is a row of what was sent, marked", async (bench) => {
    const { api, provider, home } = bench;
    const command = `${agentBinary(agent)} 'Work [[output:6000]] [[slow:12s]]'`;
    const { id } = await api.launch({ cwd: home.repository, command, budget: { usd: 5 } });
    const terminal = await api.openTerminal(id);
    await provider.log.waitFor((log) => log.calls.some(({ outputTokensSent }) => outputTokensSent > 1000));
    terminal.type("\x1b");
    await provider.log.waitFor((log) => log.calls.some(({ outcome }) => outcome === "aborted"));
    const { usage } = await api.waitFor(id, (session) => session.usage?.incompleteCalls === 1);
    const request = provider.log.calls.find(({ outcome }) => outcome === "aborted");
    const row = (await rowsOf(bench, id)).find(({ requestId }) => requestId === request?.requestId);
    const sent = request?.outputTokensSent ?? 0;
    console.log(`${agent}: sent ${sent} tokens, ledger ${row?.tokens.output}`);
    assert.deepEqual([row?.source, row?.incomplete, row?.confidence], [
      "gateway",
      "interrupted",
      "estimated",
    ]);
    assert.ok(Math.abs((row?.tokens.output ?? 0) - sent) < ONE_STEP_TOKENS);
    assert.equal(usage?.ungated, undefined);
    await terminal.close();
    await api.call(`/api/sessions/${id}/stop`, { method: "POST" });
    await waitForEnd(bench, id);
  });
}

test(
  "claude",
  "a hold outlasts the client's own timeout: it asks again and enters the same hold",
  async (bench) => {
    const { api, launch, provider } = bench;
    const prompt = "Work [[output:300]]";
    const expected = await textWithoutGate(bench, { agent: "claude", prompt });
    const { id, conversationId } = await launch("claude", prompt, {
      budget: { usd: 0.0005 },
      atLimit: "hold",
    });
    await api.waitFor(id, (session) => session.held);
    await new Promise((resolve) => setTimeout(resolve, HELD_FOR_MS));
    const { events } = await api.call<GateActivity>(`/api/sessions/${id}/gate`);
    const tries = events.filter(({ kind }) => kind === "sent_back").length;
    assert.ok(tries >= 1, `${tries} tries`);
    assert.equal((await api.call<SessionView>(`/api/sessions/${id}`)).held, true);
    assert.equal(provider.log.calls.length, 0);
    await api.call("/api/budgets", {
      method: "PATCH",
      body: { scope: "conversation", conversationId, limits: { usd: 5 } },
    });
    const ended = await waitForEnd(bench, id);
    assert.deepEqual([ended.endReason, ended.exitCode, ended.held], ["exited", 0, false]);
    assert.match(expected, SHOWN.claude);
    const text = await textOf(bench, id);
    assert.equal(text.replaceAll(/^.*retrying in .*\r\n *|^ +/gm, ""), expected.replaceAll(/^ +/gm, ""));
    const notices = await api.call<Page<Notice>>("/api/notices");
    assert.equal(notices.items.filter(({ kind }) => kind === "budget_hold").length, 1);
  },
  { env: { API_TIMEOUT_MS: "3000" } },
);

const HELD_FOR_MS = 8000;
const ONE_STEP_TOKENS = 4096;
