// Many agents at once over real sockets against a nearly spent tree of budgets, and what became of it.
import assert from "node:assert/strict";
import { NO_TOKENS } from "../usage/model_call.ts";
import { NANO_PER_USD } from "../usage/nano_usd.ts";
import { randomInt, seededRandom } from "../usage/testdata/seeded_random.ts";
import { createPriceBook } from "./loaded_prices.ts";
import { PACED_MODEL, PacedProvider } from "./paced_provider.ts";
import { TestGateway } from "./test_gateway.ts";

const USD = NANO_PER_USD;
const RUNS_AT_ONCE = 4;
const LONGEST_ANSWER = 20_000;
const BOOK = createPriceBook();

/** Agents that each call until they are refused. */
export interface Load {
  agents: number;
  limits: Record<string, number>;
  path: (agent: number) => string[];
  maxOutput: number;
}

export interface Result {
  /** Shares of the budget that all agents are under: of the ledger, and of what the provider made. */
  used: number;
  billed: number;
  admitted: number;
  waited: number;
  ended: number;
  /** Of them those that ended although others held what they could have had. */
  endedOnReserved: number;
  refused: number;
  overshoot: number;
}

/** Every agent calls until it is refused. */
async function run(load: Load, seed: number): Promise<Result> {
  const provider = new PacedProvider({ seed, maxOutput: Math.min(load.maxOutput, LONGEST_ANSWER) });
  const gate = new TestGateway({
    upstream: provider.url,
    limits: Object.fromEntries(Object.entries(load.limits).map(([id, usd]) => [id, { nanoUsd: usd * USD }])),
    path: (session) => load.path(Number(session)),
    rates: { [PACED_MODEL]: { outputTokensPerByte: 0.25 } },
    maxWaitMs: 600_000,
  });
  const random = seededRandom(seed + 1000);
  try {
    await Promise.all(Array.from({ length: load.agents }, (_, agent) => work(gate, { agent, random, load })));
    assert.deepEqual([gate.stored.size, gate.gateway.listInFlight()], [0, []]);
    return summarize({ gate, provider, load });
  } finally {
    await gate.close();
    await provider.close();
  }
}

async function work(
  gate: TestGateway,
  { agent, random, load }: { agent: number; random: () => number; load: Load },
): Promise<void> {
  for (;;) {
    const response = await fetch(`${gate.url}/anthropic/v1/messages`, {
      method: "POST",
      headers: { "x-test-session": String(agent) },
      body: JSON.stringify({
        model: PACED_MODEL,
        max_tokens: load.maxOutput,
        stream: true,
        messages: [{ role: "user", content: "x".repeat(randomInt(random, 1000, 8000)) }],
      }),
    });
    await response.text();
    if (response.status === 402) return;
    assert.equal(response.status, 200);
  }
}

function summarize(
  { gate, provider, load }: { gate: TestGateway; provider: PacedProvider; load: Load },
): Result {
  const billed = new Map<string, number>();
  for (const { session, input, output } of provider.bills) {
    const cost = BOOK.cost({ ...NO_TOKENS, model: PACED_MODEL, atMs: Date.now(), input, output }).nanoUsd;
    for (const id of load.path(Number(session))) billed.set(id, (billed.get(id) ?? 0) + cost);
  }
  const overshoot = Object.entries(load.limits).map(([id, usd]) =>
    Math.max(gate.spent(id).nanoUsd, billed.get(id) ?? 0) - usd * USD
  );
  const [top = "", limit = 1] = Object.entries(load.limits)[0] ?? [];
  return {
    used: gate.spent(top).nanoUsd / (limit * USD),
    billed: (billed.get(top) ?? 0) / (limit * USD),
    admitted: provider.bills.length,
    waited: gate.count("waited"),
    ended: gate.count("ended_early"),
    endedOnReserved: gate.events.filter(({ kind, obstacle }) => kind === "ended_early" && !obstacle).length,
    refused: gate.count("refused"),
    overshoot: Math.max(0, ...overshoot),
  };
}

/** Seeded runs of a load, a few of them at a time. */
export async function runAgents(load: Load, runs: number): Promise<Result[]> {
  const results: Result[] = [];
  let seed = 0;
  const worker = async (): Promise<void> => {
    while (seed < runs) results.push(await run(load, ++seed));
  };
  await Promise.all(Array.from({ length: RUNS_AT_ONCE }, worker));
  return results;
}

/** All that is to be said of a load's runs, in one line. */
export function describeRuns(results: readonly Result[]): string {
  const sum = (field: keyof Result): number => results.reduce((total, result) => total + result[field], 0);
  const least = (field: keyof Result): string => (Math.min(...results.map((r) => r[field])) * 100).toFixed(1);
  return `${results.length} runs, overshoot ${sum("overshoot")} nano-dollars, used at least ${
    least("used")
  } % ` +
    `(made by the provider: ${least("billed")} %), admitted ${sum("admitted")}, waited ${sum("waited")}, ` +
    `ended early ${sum("ended")} (${sum("endedOnReserved")} with money only reserved), refused ${
      sum("refused")
    }`;
}

/** The loads that the gate is measured with. */
export const LOADS: Record<string, Load> = {
  "32 agents": treeLoad(32),
  "128 agents": treeLoad(128),
  "4 sub-agents with max_tokens 128,000 under $5": {
    agents: 4,
    limits: { conv: 5 },
    path: () => ["conv", "day"],
    maxOutput: 128_000,
  },
};

function treeLoad(agents: number): Load {
  return {
    agents,
    limits: { day: 2.5, r0: 1.5, r1: 2 },
    path: (agent) => [`c${agent}`, `r${agent % 3}`, "day"],
    maxOutput: LONGEST_ANSWER,
  };
}
