// Money end to end: the real program with stand-ins for agents.
// deno-lint-ignore-file no-console -- delays are figures of the run
import assert from "node:assert/strict";
import { join } from "node:path";
import type { BudgetList, LedgerRow, Notice, Page, SessionEvent, SessionView } from "./protocol.ts";
import { AGENT_KEY_HEADER } from "./http/agent_app.ts";
import { mintAgentKey } from "./http/agent_keys.ts";
import { type DrivenProgram, withProgram } from "./testing/driven_program.ts";
import { CLAUDE_PRELUDE, otlpBody, writeScripts } from "./testing/fake_agents.ts";

interface Bench extends DrivenProgram {
  /** Home of the fake agents, and where they run. */
  home: string;
  directory: string;
}

function test(name: string, scripts: Record<string, string>, work: (bench: Bench) => Promise<void>): void {
  Deno.test(name, async () => {
    const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "fleet-money-" }));
    const [home, directory] = [join(root, "home"), join(root, "repo")];
    await Promise.all([home, directory].map((path) => Deno.mkdir(path)));
    await writeScripts(join(root, "bin"), scripts);
    const env = {
      PATH: `${join(root, "bin")}:${Deno.env.get("PATH")}`,
      HOME: home,
      ANTHROPIC_API_KEY: "sk-fake",
    };
    await withProgram(
      { dataDirectory: join(root, "data"), env },
      (driven) => work(Object.assign(driven, { home, directory })),
    ).finally(() => Deno.remove(root, { recursive: true }));
  });
}

/** Posts a call of $0.05 about three times a second until it is told to leave. */
const SPENDER = `${CLAUDE_PRELUDE}
body='${JSON.stringify(otlpBody([{ requestId: "REQ", output: 2000 }]))}'
body="\${body//00000000-0000-4000-8000-000000000000/$id}"
trap 'echo interrupted' INT
n=0
while true; do
  n=$((n + 1))
  post "\${body//REQ/req_$$_$n}"
  echo "call $n"
  read -t 0.3 line && [ "\${line%$'\\r'}" = /exit ] && leave
done
`;

test("a budget stops an agent that nobody watches, cleanly, and the rest is shared by its resumes", {
  claude: SPENDER,
}, async ({ api, directory }) => {
  const { id } = await api.launch({ cwd: directory, command: "claude --model opus", budget: { usd: 0.2 } });
  const ended = await api.waitForEnd(id);
  assert.equal(ended.endReason, "budget");
  assert.equal(ended.resume?.agentSessionId, id);
  assert.match(ended.resume?.command ?? "", new RegExp(`^claude --resume ${id} --model opus$`));
  const rows = await api.call<Page<LedgerRow>>(`/api/sessions/${id}/ledger`);
  assert.equal(rows.items.length, ended.usage?.calls);
  assert.equal(ended.usage?.costNanoUsd, rows.items.length * 50_000_000);
  assert.ok((ended.usage?.costNanoUsd ?? 0) <= 250_000_000 + 50_000_000, "at most the calls in flight above");
  const notices = await api.call<Page<Notice>>("/api/notices");
  assert.deepEqual(notices.items.map(({ kind }) => kind), ["budget_stop", "budget_warning"]);
  await assert.rejects(api.call(`/api/sessions/${id}/resume`, { method: "POST", body: {} }), /used up/);
  const resumed = await api.call<{ id: string }>(`/api/sessions/${id}/resume`, {
    method: "POST",
    body: { budget: { usd: 0.5 } },
  });
  const second = await api.waitForEnd(resumed.id);
  assert.equal(second.endReason, "budget");
  const total = (second.usage?.costNanoUsd ?? 0) + (ended.usage?.costNanoUsd ?? 0);
  assert.ok(total >= 500_000_000 && total <= 600_000_000, `spent ${total}`);
  const confirmed = await api.waitFor(id, ({ resume }) => resume?.confirmed === true);
  assert.equal(confirmed.resume?.agentSessionId, id);
});

const SESSIONS = 10;
const CALLS_EACH = 200;
const IDLE_CLAUDE = `${CLAUDE_PRELUDE}\nwhile read line; do [ "\${line%$'\\r'}" = /exit ] && leave; done\n`;

test("ten sessions with 200 calls each are in the ledger once, through a kill of the server in between", {
  claude: IDLE_CLAUDE,
}, async (bench) => {
  const ids = await Promise.all(
    Array.from(
      { length: SESSIONS },
      async () => (await bench.api.launch({ cwd: bench.directory, command: "claude" })).id,
    ),
  );
  const delaysMs: number[] = [];
  const reported = ids.map((id) => reportCalls(bench, { id, delaysMs }));
  while (delaysMs.length < SESSIONS * CALLS_EACH / 2) await new Promise((resolve) => setTimeout(resolve, 20));
  await bench.restart();
  await Promise.all(reported);
  for (const id of ids) {
    const { usage } = await bench.api.call<SessionView>(`/api/sessions/${id}`);
    assert.equal(usage?.calls, CALLS_EACH);
    assert.deepEqual(usage?.tokens, {
      input: CALLS_EACH * 10,
      cacheRead: CALLS_EACH * 1000,
      cacheWrite: 0,
      output: CALLS_EACH * (CALLS_EACH - 1) / 2,
    });
  }
  const { items } = await bench.api.call<BudgetList>("/api/budgets");
  const each = CALLS_EACH * (10 * 5000 + 1000 * 500) + CALLS_EACH * (CALLS_EACH - 1) / 2 * 25_000;
  assert.deepEqual(items.map(({ spent }) => spent.nanoUsd), Array(3).fill(SESSIONS * each));
  delaysMs.sort((left, right) => left - right);
  const p95 = delaysMs[Math.floor(delaysMs.length * 0.95)] ?? Infinity;
  console.log(`from post to ledger: p50 ${delaysMs[delaysMs.length >> 1]} ms, p95 ${p95} ms`);
  assert.ok(p95 < 1000, `p95 is ${p95} ms`);
  await bench.api.call("/api/sessions/stop-all", { method: "POST" });
  for (const id of ids) assert.equal((await bench.api.waitForEnd(id)).endReason, "user_stop");
});

/** Posts calls one after the other as an exporter does: what is not acknowledged is posted again. */
async function reportCalls(
  bench: Bench,
  { id, delaysMs }: { id: string; delaysMs: number[] },
): Promise<void> {
  const data = bench.program.dataDirectory;
  const port = (await Deno.readTextFile(join(data, "agent-port"))).trim();
  const key = mintAgentKey(await Deno.readFile(join(data, "secret")), id);
  const headers = { "content-type": "application/json", [AGENT_KEY_HEADER]: key };
  for (let call = 0; call < CALLS_EACH; call++) {
    const startedAtMs = performance.now();
    const fields = { requestId: `req_${id}_${call}`, input: 10, cacheRead: 1000, output: call };
    const body = JSON.stringify(otlpBody([fields]));
    let tries = 0;
    while (!await post(`http://127.0.0.1:${port}/v1/logs`, { headers, body })) {
      tries += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (tries === 0) delaysMs.push(Math.round(performance.now() - startedAtMs));
  }
}

async function post(url: string, init: { headers: Record<string, string>; body: string }): Promise<boolean> {
  try {
    const response = await fetch(url, { method: "POST", ...init });
    await response.body?.cancel();
    return response.ok;
  } catch (cause) {
    if (cause instanceof TypeError) return false;
    throw cause;
  }
}

test("twenty sessions that cross a day's budget at once all end once, for that reason", {
  claude: IDLE_CLAUDE,
}, async (bench) => {
  const ids = await Promise.all(
    Array.from(
      { length: 20 },
      async () => (await bench.api.launch({ cwd: bench.directory, command: "claude" })).id,
    ),
  );
  await bench.api.call("/api/budgets", { method: "PATCH", body: { scope: "day", limits: { usd: 0.1 } } });
  const startedAtMs = performance.now();
  await Promise.all(ids.map(async (id, index) => {
    const port = (await Deno.readTextFile(join(bench.program.dataDirectory, "agent-port"))).trim();
    const key = mintAgentKey(await Deno.readFile(join(bench.program.dataDirectory, "secret")), id);
    const headers = { "content-type": "application/json", [AGENT_KEY_HEADER]: key };
    const body = JSON.stringify(otlpBody([{ requestId: `req_${index}`, output: 4000 }]));
    assert.ok(await post(`http://127.0.0.1:${port}/v1/logs`, { headers, body }));
  }));
  const ended = await Promise.all(ids.map((id) => bench.api.waitForEnd(id)));
  console.log(`all ended after ${Math.round(performance.now() - startedAtMs)} ms`);
  assert.deepEqual([...new Set(ended.map(({ endReason }) => endReason))], ["budget"]);
  const { items } = await bench.api.call<Page<Notice>>("/api/notices");
  assert.equal(items.filter(({ kind }) => kind === "budget_stop").length, 20);
  assert.equal(items.filter(({ kind }) => kind === "budget_warning").length, 1);
  await assert.rejects(
    bench.api.launch({ cwd: bench.directory, command: "claude" }),
    /budget for today is used up/,
  );
});

test(
  "a noisy command is stopped by its own tokens, and uses up nothing that agents share",
  {},
  async (bench) => {
    const { id } = await bench.api.launch({
      cwd: bench.directory,
      command: "while true; do echo 0123456789012345678; sleep 0.05; done",
      budget: { tokens: 200 },
    });
    const ended = await bench.api.waitForEnd(id);
    assert.equal(ended.endReason, "budget");
    assert.equal(ended.usage?.confidence, "estimated");
    const { items } = await bench.api.call<BudgetList>("/api/budgets");
    assert.deepEqual(items.map(({ spent }) => spent.nanoUsd), [0, 0, 0]);
  },
);

test("an echo of 4,000 characters is about 1,000 tokens at the default price", {}, async (bench) => {
  const { id } = await bench.api.launch({ cwd: bench.directory, command: "printf %4000s x" });
  await bench.api.waitForEnd(id);
  const { usage } = await bench.api.waitFor(id, (session) => session.usage !== undefined);
  assert.equal(usage?.tokens.output, 1000);
  assert.equal(usage?.costNanoUsd, 15_000_000);
});

test("status lines of every format are read from the screen, and a resumed one counts what it adds", {
  claude: `
case "$*" in
  *--resume*) echo '[AF] ctx=1000/200000(1%) in=50000 out=900 cost=$0.500000 [/AF]'; sleep 3
    echo '[AF] ctx=150000/200000(75%) in=50100 out=950 cost=$0.600000 [/AF]'; sleep 3 ;;
  *pipe*) echo 'AF|ctx=1000/200000(1%)|in=120|out=34|cost=$0.25'; sleep 2 ;;
  *) echo '[AF] ctx=180000/200000(90%) in=1200 out=340 cost=$0.123456 [/AF]'; sleep 2 ;;
esac`,
}, async ({ api, directory }) => {
  const expected: [string, { input: number; output: number; nanoUsd: number; percent: number }][] = [
    ["claude", { input: 1200, output: 340, nanoUsd: 123_456_000, percent: 90 }],
    ["claude pipe", { input: 120, output: 34, nanoUsd: 250_000_000, percent: 1 }],
    ["claude --resume 0b3f6a52-4c39-4b8e-9a51-000000000000", {
      input: 100,
      output: 50,
      nanoUsd: 100_000_000,
      percent: 75,
    }],
  ];
  await Promise.all(expected.map(async ([command, wanted]) => {
    const { id } = await api.launch({ cwd: directory, command });
    await api.waitForEnd(id);
    const { usage, context } = await api.waitFor(
      id,
      (session) => session.usage?.costNanoUsd === wanted.nanoUsd,
    );
    assert.deepEqual([usage?.tokens.input, usage?.tokens.output], [wanted.input, wanted.output]);
    assert.deepEqual(usage?.sources, { screen: 1 });
    assert.equal(context?.percentUsed ?? wanted.percent, wanted.percent);
  }));
});

test("Codex's items and its last line are totals", {
  codex: `
echo '  gpt-6-sol · Context 52% used · 15.7K in · 27 out · Ready'; sleep 2
echo 'Token usage: total=16,000 input=15,800 (+ 1,000 cached) output=200'
echo 'To continue this session, run codex resume 01a20227-399a-7100-859c-8921898aa610'`,
}, async ({ api, directory }) => {
  const { id } = await api.launch({ cwd: directory, command: "codex" });
  await api.waitForEnd(id);
  const { usage, resume } = await api.waitFor(id, (session) => session.resume?.confirmed === true);
  assert.deepEqual(usage?.tokens, { input: 15_800, cacheRead: 1000, cacheWrite: 0, output: 200 });
  assert.deepEqual(resume, {
    agentSessionId: "01a20227-399a-7100-859c-8921898aa610",
    command: "codex resume 01a20227-399a-7100-859c-8921898aa610",
    confirmed: true,
  });
});

/** Spends once beyond any small budget, then ignores every way of being asked to leave; so does its child. */
const HUNG = `${CLAUDE_PRELUDE}
trap '' INT TERM HUP
( trap '' INT TERM HUP; while true; do sleep 1; done ) &
post '${JSON.stringify(otlpBody([{ requestId: "req_hung", output: 4000 }]))}'
while true; do read -t 1 line; done
`;

test("an agent that ignores its clean exit is ended with its children, for its budget", {
  claude: HUNG,
}, async ({ api, directory }) => {
  const { id } = await api.launch({ cwd: directory, command: "claude", budget: { usd: 0.05 } });
  const ended = await api.waitForEnd(id);
  assert.deepEqual([ended.endReason, ended.exitSignal], ["budget", "SIGKILL"]);
  const { items } = await api.call<Page<SessionEvent>>(`/api/sessions/${id}/events`);
  const steps = items.filter(({ kind }) => kind === "stop_step").map(({ text }) => text).reverse();
  assert.deepEqual(steps, ["asked", "hang_up", "terminate", "kill"]);
  const at = (kind: SessionEvent["kind"]): number => items.find((event) => event.kind === kind)?.atMs ?? NaN;
  console.log(`ended ${at("process_exit") - at("stop_requested")} ms after it was to be stopped`);
  assert.deepEqual(await api.call("/api/survivors"), { items: [] });
});
