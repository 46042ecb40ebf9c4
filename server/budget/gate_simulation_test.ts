// The gate under parallel agents that stream: nothing is overspent, and nearly all of a budget can be used.

import assert from "node:assert/strict";
import { randomInt, seededRandom } from "../usage/testdata/seeded_random.ts";
import { BudgetGate, type Decided, type GateRequest } from "./gate.ts";
import { amountFor } from "./gate_step.ts";
import type { Amount } from "./spend.ts";

const USD = 1_000_000_000;
/** DESIGN.md section 5: the first step, and how far the cover stays ahead of what was received. */
const STEP = 4096;
const AHEAD = 2048;
const LEAST = 256;
const OUTPUT_PICO = 20_000_000;
const INPUT_NANO = 5000;

interface Options {
  agents: number;
  limits: Record<string, number>;
  path: (agent: number) => string[];
  maxOutput: number;
  seed: number;
}

interface Answer {
  input: Amount;
  length: number;
  received: number;
  covered: number;
}

/** Agents that call until they are refused; each tick every answer under way grows by a random piece. */
class Simulation {
  readonly gate = new BudgetGate();
  readonly counts = { admitted: 0, waited: 0, endedEarly: 0, refused: 0, refusedWhileReserved: 0 };
  readonly #options: Options;
  readonly #random: () => number;
  readonly #idle: Set<number>;
  readonly #asked = new Map<string, { agent: number; request: GateRequest }>();
  readonly #answers = new Map<string, Answer>();

  constructor(options: Options) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#idle = new Set(Array.from({ length: options.agents }, (_, agent) => agent));
    for (const [id, usd] of Object.entries(options.limits)) {
      this.gate.setLimits(id, { nanoUsd: usd * USD, tokens: null });
    }
  }

  run(): this {
    while (this.#idle.size > 0 || this.#answers.size > 0) {
      for (const agent of [...this.#idle]) this.#ask(agent);
      for (const [callId, answer] of [...this.#answers]) this.#grow(callId, answer);
      this.#checkLimits();
    }
    assert.deepEqual([this.gate.waiting, this.gate.snapshot.reservations], [[], []]);
    return this;
  }

  #ask(agent: number): void {
    this.#idle.delete(agent);
    const callId = `call-${this.#asked.size + 1}`;
    const request: GateRequest = {
      callId,
      path: this.#options.path(agent),
      bounds: {
        input: { nanoUsd: randomInt(this.#random, 1000, 8000) * INPUT_NANO, tokens: 0 },
        outputPicoUsd: OUTPUT_PICO,
      },
      outputTokens: Math.min(STEP, this.#options.maxOutput),
      minOutputTokens: LEAST,
      maxOutputTokens: this.#options.maxOutput,
    };
    this.#asked.set(callId, { agent, request });
    const admission = this.gate.reserve(request);
    if (admission.kind === "waits") this.counts.waited += 1;
    else this.#decide([{ callId, admission }]);
  }

  #decide(decided: readonly Decided[]): void {
    for (const { callId, admission } of decided) {
      const request = this.#asked.get(callId)?.request;
      assert.ok(request);
      if (admission.kind === "granted") this.#start(request, admission.outputTokens);
      else this.#refuse(request);
    }
  }

  #start(request: GateRequest, covered: number): void {
    this.counts.admitted += 1;
    const bound = request.bounds.input.nanoUsd;
    const input = { nanoUsd: Math.ceil(bound * (0.5 + this.#random() / 2)), tokens: 0 };
    const length = randomInt(this.#random, 1, this.#options.maxOutput);
    this.#answers.set(request.callId, { input, length, received: 0, covered });
    this.#decide(this.gate.refineInput(request.callId, input));
  }

  #refuse(request: GateRequest): void {
    this.counts.refused += 1;
    const least = amountFor(request.bounds, LEAST).nanoUsd;
    const isSpent = request.path.map((id) => this.gate.node(id))
      .some((node) => node.nanoUsd !== null && node.spent.nanoUsd + least > node.nanoUsd);
    if (!isSpent) this.counts.refusedWhileReserved += 1;
  }

  #grow(callId: string, answer: Answer): void {
    const wanted = Math.min(answer.received + AHEAD + STEP, this.#options.maxOutput);
    if (answer.received + AHEAD > answer.covered) answer.covered = this.gate.extend(callId, wanted);
    const piece = randomInt(this.#random, 50, 500);
    answer.received = Math.min(answer.received + piece, answer.length, answer.covered);
    if (answer.received < answer.length && answer.received < answer.covered) return;
    if (answer.received < answer.length) this.counts.endedEarly += 1;
    this.#answers.delete(callId);
    this.#idle.add(this.#asked.get(callId)?.agent ?? 0);
    const nanoUsd = answer.input.nanoUsd + (answer.received * OUTPUT_PICO) / 1000;
    const { decided, overrun } = this.gate.settle(callId, { nanoUsd, tokens: 0 });
    assert.deepEqual(overrun, { nanoUsd: 0, tokens: 0 });
    this.#decide(decided);
  }

  #checkLimits(): void {
    for (const [id, usd] of Object.entries(this.#options.limits)) {
      const { spent, reserved } = this.gate.node(id);
      assert.ok(spent.nanoUsd + reserved.nanoUsd <= usd * USD, `${id} is overspent`);
    }
  }
}

const usedShare = (gate: BudgetGate, id: string): number => {
  const node = gate.node(id);
  return node.spent.nanoUsd / (node.nanoUsd ?? Infinity);
};

for (const agents of [32, 128]) {
  Deno.test(`${agents} parallel agents use at least 90 % of a nearly spent tree and overspend nothing`, () => {
    let endedEarly = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const { gate, counts } = new Simulation({
        agents,
        limits: { day: 6, r0: 4, r1: 5 },
        path: (agent) => [`c${agent}`, `r${agent % 3}`, "day"],
        maxOutput: 20_000,
        seed,
      }).run();
      assert.ok(usedShare(gate, "day") >= 0.9, JSON.stringify({ seed, ...counts }));
      assert.equal(counts.refusedWhileReserved, 0);
      assert.ok(counts.waited > 0);
      endedEarly += counts.endedEarly;
    }
    // Nearly all answers are whole: those that end early are a budget's last.
    assert.ok(endedEarly <= 400, `${endedEarly} ended early`);
  });
}

Deno.test("four sub-agents with max_tokens 128,000 share $5: none is refused money that is only reserved", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const { gate, counts } = new Simulation({
      agents: 4,
      limits: { conv: 5 },
      path: () => ["conv", "day"],
      maxOutput: 128_000,
      seed,
    }).run();
    assert.equal(counts.refusedWhileReserved, 0);
    assert.ok(usedShare(gate, "conv") >= 0.9);
  }
});
