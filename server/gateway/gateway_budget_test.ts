import assert from "node:assert/strict";
import { createPriceBook } from "../testing/loaded_prices.ts";
import { parseOverrides } from "../pricing/overrides.ts";
import type { TestGateway } from "../testing/test_gateway.ts";
import { NO_TOKENS } from "../usage/model_call.ts";
import { ask, askChat, askResponses, messageOf, testGateway, until, USD } from "../testing/gateway_asks.ts";

testGateway("a call that spent money rules out is refused before it is forwarded", {
  limits: { day: { nanoUsd: 0.02 * USD } },
}, async ({ provider, gate }) => {
  gate.addUngated("day", 0.0199 * USD);
  const refused = await ask(gate, "hello");
  assert.deepEqual([refused.status, refused.headers.get("x-should-retry")], [402, "false"]);
  const text = await messageOf(refused);
  assert.match(
    text,
    /^error billing_error: Agents Fleet: the budget of day .*\$0\.0199 of \$0\.0200 is spent/,
  );
  assert.match(text, /4517\/s\/s1/);
  const codex = await askResponses(gate, "hello");
  assert.deepEqual([codex.status, (await codex.json()).error.code], [400, "budget_exceeded"]);
  assert.equal(provider.log.calls.length, 0);
  assert.equal(gate.ledger.length, 0);
});

testGateway("before it refuses, the gate asks the provider how long the prompt is", {
  limits: { day: { nanoUsd: 0.02 * USD } },
}, async ({ provider, gate }) => {
  const long = { system: "s".repeat(100_000) };
  assert.equal((await ask(gate, "[[output:20]]", { extra: long })).status, 200);
  assert.deepEqual(provider.log.requests.map(({ api }) => api), ["count_tokens", "messages"]);
});

testGateway("a call waits for money that others hold, and is not refused", {
  limits: { day: { nanoUsd: 0.12 * USD } },
}, async ({ gate }) => {
  const first = ask(gate, "[[output:100]] [[slow:300ms]]");
  await until(() => gate.count("reserved") === 1);
  const second = await ask(gate, "[[output:100]]", { session: "s2" });
  assert.equal(second.status, 200);
  await second.text();
  assert.equal((await first).status, 200);
  await (await first).text();
  assert.deepEqual([gate.count("waited"), gate.count("refused")], [1, 0]);
});

testGateway(
  "a waiting call whose client leaves is forgotten",
  { limits: { day: { nanoUsd: 0.12 * USD } } },
  async ({ gate }) => {
    const first = await ask(gate, "[[hang]]", { signal: AbortSignal.timeout(400) });
    const leaving = new AbortController();
    const second = ask(gate, "x", { session: "s2", signal: leaving.signal });
    await until(() => gate.count("waited") === 1);
    leaving.abort();
    await assert.rejects(second);
    await until(() => gate.gateway.listInFlight().length === 1);
    await assert.rejects(first.text());
  },
);

for (const api of ["messages", "responses", "chat"] as const) {
  testGateway(`an answer that cannot be covered further ends as its own limit would end it (${api})`, {
    limits: { day: { nanoUsd: 0.15 * USD } },
  }, async ({ provider, gate }) => {
    const prompt = "[[output:60000]] [[slow:4s]]";
    const asked = { messages: ask, responses: askResponses, chat: askChat }[api];
    const text = await (await asked(gate, prompt)).text();
    const tail = text.slice(-500);
    if (api === "messages") {
      assert.match(tail, /"stop_reason":"max_tokens".*\n\nevent: message_stop\ndata: .*\n\n$/s);
    }
    if (api === "responses") {
      assert.match(text, /event: response\.incomplete\n/);
      assert.match(tail, /"incomplete_details":\{"reason":"max_output_tokens"\}/);
    }
    if (api === "chat") assert.match(tail, /"finish_reason":"length".*data: \[DONE\]\n\n$/s);
    await provider.log.settled();
    assert.equal(gate.count("ended_early"), 1);
    const [row] = gate.ledger;
    assert.deepEqual([row?.incomplete, row?.confidence], ["interrupted", "estimated"]);
    const billed = provider.log.billed();
    assert.ok(Math.abs(billed.output - (row?.output ?? 0)) < 600, `${billed.output} ${row?.output}`);
    // An agent goes on where it was stopped, until nothing useful is left.
    for (let status = 200; status === 200;) {
      const next = await asked(gate, prompt);
      status = next.status;
      await next.text();
    }
    assert.ok(gate.spent("day").nanoUsd <= 0.15 * USD);
    assert.ok(gate.spent("day").nanoUsd >= 0.9 * 0.15 * USD, String(gate.spent("day").nanoUsd / USD));
    await provider.log.settled();
  });
}

testGateway("an answer in one piece gets the limit that the budget covers", {
  limits: { day: { nanoUsd: 0.2 * USD } },
}, async ({ provider, gate }) => {
  const extra = { inference_geo: "global" };
  const response = await ask(gate, "[[output:19000]]", { stream: false, maxTokens: 20_000, extra });
  assert.equal((await response.json()).stop_reason, "max_tokens");
  assert.equal(gate.count("overrun"), 0);
  assert.ok(gate.spent("day").nanoUsd >= 0.9 * 0.2 * USD && gate.spent("day").nanoUsd <= 0.2 * USD);
  const thinking = { thinking: { type: "enabled", budget_tokens: 8000 } };
  assert.equal((await ask(gate, "x", { stream: false, maxTokens: 20_000, extra: thinking })).status, 402);
  assert.equal(provider.log.calls.length, 1);
});

testGateway("a held call goes on when the limit is raised, and its client notices nothing", {
  atLimit: "hold",
  limits: { s1: { nanoUsd: 0.001 * USD } },
}, async ({ gate }) => {
  const asked = ask(gate, "[[output:50]]");
  await until(() => gate.holds.length === 1);
  assert.equal(gate.gateway.listInFlight("s1")[0]?.state, "held");
  gate.setLimit("s1", { nanoUsd: 0.002 * USD });
  gate.setLimit("s1", { nanoUsd: 1 * USD });
  const response = await asked;
  assert.equal(response.status, 200);
  await response.text();
  assert.deepEqual(gate.holds.map(({ hold }) => hold?.obstacle.kind), ["budget", undefined]);
});

testGateway("a held client is told to ask again in time, and its next try is the same hold", {
  atLimit: "hold",
  maxWaitMs: 150,
  limits: { s1: { nanoUsd: 0.001 * USD } },
}, async ({ gate }) => {
  for (let round = 0; round < 3; round++) {
    const response = await ask(gate, "hello");
    assert.deepEqual([response.status, response.headers.get("x-should-retry")], [503, "true"]);
    await response.body?.cancel();
  }
  const last = ask(gate, "hello");
  await until(() => gate.gateway.listInFlight().some(({ state }) => state === "held"));
  gate.setLimit("s1", { nanoUsd: 1 * USD });
  assert.equal((await last).status, 200);
  await (await last).text();
  assert.equal(gate.holds.length, 2);
});

testGateway("a model without a price is refused under a limit in dollars, not under one in tokens", {
  limits: { day: { tokens: 100_000 } },
}, async ({ gate }) => {
  assert.equal((await ask(gate, "hello", { model: "new-model" })).status, 200);
  gate.setLimit("day", { nanoUsd: USD });
  const refused = await ask(gate, "hello", { model: "new-model" });
  assert.equal(refused.status, 402);
  assert.match(await messageOf(refused), /does not know what the model "new-model" costs/);
});

testGateway("a model with a price of the user's own passes", {
  limits: { day: { nanoUsd: USD } },
  prices: createPriceBook({
    overrides: [parseOverrides({ models: { "new-model": { inputPer1M: 1, outputPer1M: 2 } } })],
  }),
}, async ({ gate }) => {
  const response = await ask(gate, "[[output:100]]", { model: "new-model" });
  await response.text();
  assert.equal(gate.ledger[0]?.costNanoUsd, 100 * 1000 + 100 * 2000);
});

/** A conversation as agents have it: every call repeats what came before, and marks it to be cached. */
function askOn(gate: TestGateway, turns: number, script: string): Promise<Response> {
  const cache_control = { type: "ephemeral" };
  const past = Array.from({ length: turns }, (_, turn) => ({
    role: turn % 2 === 0 ? "user" : "assistant",
    content: [{ type: "text", text: `turn ${turn}`, cache_control }],
  }));
  const content = [{ type: "text", text: `[[output:50]] ${script}`, cache_control }];
  const messages = [...past, { role: "user", content }];
  return ask(gate, "", { extra: { system: "s".repeat(40_000), messages } });
}

const reserved = (gate: TestGateway): number[] =>
  gate.events.filter(({ kind }) => kind === "reserved").map(({ nanoUsd = 0 }) => nanoUsd);
const WRITES = "[[input:10]] [[cache:write=20000,read=0]]";
const READS = "[[input:10]] [[cache:write=100,read=20000]]";

testGateway("a cached prompt is held at its full price: a provider that loses its cache overspends nothing", {
  limits: { day: { nanoUsd: USD } },
}, async ({ gate }) => {
  await (await askOn(gate, 0, WRITES)).text();
  await (await askOn(gate, 1, READS)).text();
  const [, held = 0] = reserved(gate);
  const full = { ...NO_TOKENS, cacheWrite5m: 20_000, output: 4096 };
  assert.ok(held >= createPriceBook().cost({ model: "claude-opus-5-5", atMs: Date.now(), ...full }).nanoUsd);
  for (let turn = 2, status = 200; status === 200; turn++) {
    const response = await askOn(gate, turn, WRITES);
    status = response.status;
    await response.text();
  }
  assert.ok(gate.spent("day").nanoUsd <= USD);
  assert.equal(gate.count("overrun"), 0);
});

testGateway("the last calls of a budget are held at the price of a cache that should be alive", {
  limits: { day: { nanoUsd: 0.25 * USD } },
}, async ({ gate }) => {
  await (await askOn(gate, 0, WRITES)).text();
  for (let turn = 1, status = 200; status === 200; turn++) {
    const response = await askOn(gate, turn, READS);
    status = response.status;
    await response.text();
  }
  const spent = gate.spent("day").nanoUsd;
  assert.ok(spent <= 0.25 * USD && spent >= 0.9 * 0.25 * USD, String(spent / USD));
  assert.equal(gate.count("overrun"), 0);
});
