// Money end to end: the real program with stand-ins for agents.
import assert from "node:assert/strict";
import { join } from "node:path";
import type { BudgetView, LaunchCheck, LedgerRow, Notice, Page } from "./protocol.ts";
import { ApiClient } from "./testing/api_client.ts";
import { CLAUDE_PRELUDE, otlpBody, writeScripts } from "./testing/fake_agents.ts";
import { endHolders, type RunningProgram, runProgram, startProgram } from "./testing/running_program.ts";

interface Bench {
  api: ApiClient;
  program: RunningProgram;
  /** Home of the fake agents, and where they run. */
  home: string;
  directory: string;
  restart(): Promise<void>;
}

function test(name: string, scripts: Record<string, string>, work: (bench: Bench) => Promise<void>): void {
  Deno.test(name, async () => {
    const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "fleet-money-" }));
    const [home, directory] = [join(root, "home"), join(root, "repo")];
    await Promise.all([home, directory].map((path) => Deno.mkdir(path)));
    await writeScripts(join(root, "bin"), scripts);
    const start = async (): Promise<RunningProgram> =>
      await startProgram({
        dataDirectory: join(root, "data"),
        env: {
          PATH: `${join(root, "bin")}:${Deno.env.get("PATH")}`,
          HOME: home,
          ANTHROPIC_API_KEY: "sk-fake",
          DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
        },
      });
    const program = await start();
    const bench: Bench = {
      api: await ApiClient.signIn(program.printedUrl),
      program,
      home,
      directory,
      async restart() {
        await bench.program.kill();
        bench.program = await start();
        bench.api = await ApiClient.signIn(bench.program.printedUrl);
      },
    };
    try {
      await work(bench);
      const { code, output } = await runProgram(["check-ledger", "--data", program.dataDirectory]);
      assert.equal(code, 0, output);
    } finally {
      await bench.program.stop();
      await endHolders(program.dataDirectory);
      await Deno.remove(root, { recursive: true });
    }
  });
}

/** Posts a call of $0.05 about three times a second until it is told to leave. */
const SPENDER = `${CLAUDE_PRELUDE}
body='${JSON.stringify(otlpBody([{ requestId: "REQ", output: 2000 }]))}'
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
