// The gate's two promises under any interleaving: no budget is overspent, and none stays blocked.

import assert from "node:assert/strict";
import { randomInt, seededRandom } from "../usage/testdata/seeded_random.ts";
import { BudgetGate, type Decided, type GateRequest } from "./gate.ts";
import type { GateNode } from "./gate_node.ts";
import { amountFor } from "./gate_step.ts";

const PATHS = [["c1", "r1", "day", "week"], ["c2", "r1", "day", "week"], ["c3", "r2", "day", "week"]];
const NODES = ["c1", "c2", "c3", "r1", "r2", "day", "week"];
const UNITS = ["nanoUsd", "tokens"] as const;

/** A random walk over every operation, with its own account of which calls run and which wait. */
class Walk {
  readonly #random: () => number;
  gate = new BudgetGate();
  running = new Set<string>();
  waiting = new Set<string>();
  /** What answers have asked to be extended to. */
  wanted = new Map<string, number>();
  #calls = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    for (const id of NODES) this.gate.setLimits(id, this.#limits());
  }

  /** One operation; true if it may leave a budget above its limit: a lowering, or spending past the gate. */
  step(): boolean {
    const roll = this.#random();
    if (roll < 0.35) this.#reserve();
    else if (roll < 0.55) this.#onRunning((id) => this.#extend(id));
    else if (roll < 0.7) this.#onRunning((id) => this.settle(id));
    else if (roll < 0.76) this.#onRunning((id) => this.#end(id, this.gate.release(id)));
    else if (roll < 0.82) this.#onRunning((id) => this.#refine(id));
    else if (roll < 0.86) this.#withdraw();
    else if (roll < 0.9) this.#crash();
    else return this.#disturb();
    return false;
  }

  /** Settles with anything that the call was covered for. */
  settle(id: string): void {
    const held = this.#held(id);
    const actual = { nanoUsd: this.#int(0, held.nanoUsd), tokens: this.#int(0, held.tokens) };
    this.#end(id, this.gate.settle(id, actual).decided);
  }

  #reserve(): void {
    const callId = `call-${++this.#calls}`;
    const request: GateRequest = {
      callId,
      path: PATHS[this.#int(0, PATHS.length - 1)] ?? [],
      bounds: {
        input: { nanoUsd: this.#int(0, 80), tokens: this.#int(0, 80) },
        outputPicoUsd: this.#int(0, 2000),
      },
      outputTokens: this.#int(0, 120),
      minOutputTokens: this.#int(0, 20),
      maxOutputTokens: this.#int(0, 400),
    };
    const admission = this.gate.reserve(request);
    if (admission.kind === "granted") this.running.add(callId);
    if (admission.kind === "waits") this.waiting.add(callId);
    if (admission.kind === "refused") this.#checkRefusal(request);
  }

  /** Refused only if spent money alone leaves less than the smallest useful answer. */
  #checkRefusal(request: GateRequest): void {
    const least = amountFor(request.bounds, Math.min(request.minOutputTokens, request.outputTokens));
    const rulesOut = request.path.map((id) => this.gate.node(id)).some((node) =>
      UNITS.some((unit) => node[unit] !== null && node.spent[unit] + least[unit] > node[unit])
    );
    assert.ok(rulesOut, `${request.callId} was refused money that is only reserved`);
  }

  #extend(id: string): void {
    const wanted = this.#int(0, 300);
    if (this.gate.extend(id, wanted) < wanted) this.wanted.set(id, wanted);
    else this.wanted.delete(id);
  }

  #refine(id: string): void {
    const input = this.gate.snapshot.reservations.find((reservation) => reservation.callId === id)?.bounds
      .input;
    const bound = input ?? { nanoUsd: 0, tokens: 0 };
    this.#note(this.gate.refineInput(id, {
      nanoUsd: this.#int(0, bound.nanoUsd),
      tokens: this.#int(0, bound.tokens),
    }));
  }

  #withdraw(): void {
    const [id] = this.waiting;
    if (id === undefined) return;
    this.waiting.delete(id);
    const { found, decided } = this.gate.withdraw(id);
    assert.ok(found);
    this.#note(decided);
  }

  /** The process dies: waiting calls are gone, of the running ones some have survived. */
  #crash(): void {
    this.gate = new BudgetGate(JSON.parse(JSON.stringify(this.gate.snapshot)));
    this.waiting.clear();
    this.wanted.clear();
    const { swept } = this.gate.sweep(() => this.#random() < 0.5);
    for (const { callId } of swept) this.running.delete(callId);
  }

  #disturb(): boolean {
    const id = NODES[this.#int(0, NODES.length - 1)] ?? "";
    const bypasses = this.#random() < 0.2;
    this.#note(
      bypasses
        ? this.gate.addSpent([id], { nanoUsd: this.#int(0, 30), tokens: this.#int(0, 30) })
        : this.gate.setLimits(id, this.#limits()),
    );
    return true;
  }

  #end(id: string, decided: readonly Decided[]): void {
    this.running.delete(id);
    this.wanted.delete(id);
    this.#note(decided);
  }

  #note(decided: readonly Decided[]): void {
    for (const { callId, admission } of decided) {
      assert.ok(this.waiting.delete(callId), `${callId} was decided twice`);
      if (admission.kind === "granted") this.running.add(callId);
    }
  }

  #held(id: string): { nanoUsd: number; tokens: number } {
    const reservation = this.gate.snapshot.reservations.find((candidate) => candidate.callId === id);
    assert.ok(reservation);
    return amountFor(reservation.bounds, reservation.outputTokens);
  }

  #onRunning(act: (id: string) => void): void {
    const ids = [...this.running];
    const id = ids[this.#int(0, ids.length - 1)];
    if (id !== undefined) act(id);
  }

  #limits(): { nanoUsd: number | null; tokens: number | null } {
    const limit = (): number | null => this.#random() < 0.25 ? null : this.#int(1, 2000);
    return { nanoUsd: limit(), tokens: limit() };
  }

  #int(least: number, most: number): number {
    return randomInt(this.#random, least, most);
  }
}

function usedOf(node: GateNode | undefined, unit: "nanoUsd" | "tokens"): number {
  return (node?.spent[unit] ?? 0) + (node?.reserved[unit] ?? 0);
}

function checkInvariants(walk: Walk, before: readonly GateNode[], mayExceed: boolean): void {
  const { nodes, reservations } = walk.gate.snapshot;
  for (const node of nodes) {
    for (const unit of UNITS) {
      const held = reservations.filter((reservation) => reservation.path.includes(node.id))
        .reduce((sum, { bounds, outputTokens }) => sum + amountFor(bounds, outputTokens)[unit], 0);
      assert.equal(node.reserved[unit], held, `${node.id} holds what its calls hold`);
      const was = usedOf(before.find((old) => old.id === node.id), unit);
      const most = Math.max(node[unit] ?? Infinity, was);
      if (!mayExceed) assert.ok(usedOf(node, unit) <= most, `${node.id} is overspent`);
    }
  }
  for (const { callId, outputTokens } of reservations) {
    const wanted = walk.wanted.get(callId) ?? 0;
    assert.ok(walk.gate.extend(callId, wanted) === outputTokens, `${callId} has not got what came free`);
  }
  assert.deepEqual(new Set(walk.gate.waiting), walk.waiting);
  assert.deepEqual(new Set(reservations.map(({ callId }) => callId)), walk.running);
  if (walk.running.size === 0) assert.equal(walk.waiting.size, 0, "nobody waits for nobody");
}

Deno.test("no interleaving of all operations overspends a budget or leaves one blocked", () => {
  for (let seed = 1; seed <= 150; seed++) {
    const walk = new Walk(seed);
    for (let step = 0; step < 150; step++) {
      const before = walk.gate.snapshot.nodes;
      const mayExceed = walk.step();
      checkInvariants(walk, before, mayExceed);
    }
    while (walk.running.size > 0) for (const id of [...walk.running]) walk.settle(id);
    assert.equal(walk.waiting.size, 0);
    for (const node of walk.gate.snapshot.nodes) assert.deepEqual(node.reserved, { nanoUsd: 0, tokens: 0 });
  }
});
