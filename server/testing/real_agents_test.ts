// The real agents against the fake provider: what they report is what was served. Ignored where they are missing.
import assert from "node:assert/strict";
import { parseOtlpLogs } from "../usage/otlp.ts";
import { claudeTelemetryEnv, codexTelemetryArgs, createAgentHome } from "./agent_home.ts";
import { AgentTerminal } from "./agent_terminal.ts";
import { FakeProvider } from "./fake_provider/fake_provider.ts";
import type { ServedRequest } from "./fake_provider/request_log.ts";
import { agentBinary, type AgentName, runClaude, runCodex, testWithAgents } from "./real_agents.ts";
import { RequestRecorder } from "./request_recorder.ts";

/** Output tokens reported to us, in order of size. */
function reported(recorder: RequestRecorder): number[] {
  const parsed = recorder.bodies("/v1/logs").map((body) => parseOtlpLogs(body, { nowMs: Date.now() }));
  const events = parsed.flatMap((part) => part.events);
  return events.flatMap((event) => event.kind === "call" ? [event.call.output] : []).sort((a, b) => a - b);
}

function served(provider: FakeProvider): number[] {
  const output = ({ usage }: ServedRequest): number => usage?.output ?? 0;
  return provider.log.completed.map(output).sort((a, b) => a - b);
}

for (const agent of ["claude", "codex"] satisfies AgentName[]) {
  testWithAgents(
    { name: `${agent} without a terminal reports each call it was served`, agents: [agent] },
    async () => {
      const provider = FakeProvider.start();
      const recorder = RequestRecorder.start();
      const home = await createAgentHome({ providerUrl: provider.url });
      const prompt = "Do it [[tools:2]] [[output:70]]";
      const run = agent === "claude"
        ? await runClaude(home, prompt, { env: claudeTelemetryEnv(recorder.url) })
        : await runCodex(home, prompt, { args: codexTelemetryArgs(recorder.url) });
      assert.equal(run.code, 0, run.stderr);
      assert.deepEqual(served(provider), [70, 70, 70]);
      assert.deepEqual(reported(recorder), [70, 70, 70]);
      await home.remove();
      await provider.close();
      await recorder.close();
    },
  );

  testWithAgents(
    { name: `${agent} in a terminal works, is done, and leaves when asked`, agents: [agent] },
    async () => {
      const provider = FakeProvider.start();
      const home = await createAgentHome({ providerUrl: provider.url });
      const argv = agent === "claude" ? [] : ["--no-daemon"];
      const terminal = new AgentTerminal({
        argv: [agentBinary(agent), ...argv, "Do it [[tools:1]]"],
        cwd: home.repository,
        env: home.env,
      });
      await provider.log.waitFor((log) => log.completed.filter(({ lane }) => lane === "main").length === 2);
      await terminal.waitFor(({ state }) => state === "done" || state === "idle");
      await terminal.waitFor((screen) => screen.text().includes("word word word"));
      await terminal.enter(agent === "claude" ? "/exit" : "/quit");
      assert.deepEqual(await terminal.waitForExit(), { code: 0 });
      assert.match(terminal.output(), /(claude --|codex )resume [0-9a-f-]{36}/);
      await terminal.close();
      await home.remove();
      await provider.close();
    },
  );
}
