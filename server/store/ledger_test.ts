import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ModelCall } from "../usage/model_call.ts";
import { FleetStore } from "./fleet_store.ts";
import { callOf, type LedgerOwner, type PricedCall } from "./ledger_rows.ts";

const OWNER: LedgerOwner = {
  sessionId: "s1",
  conversationId: "c1",
  kind: "claude",
  repositoryRoot: "/repo",
  branch: "main",
};
const AT_MS = Date.UTC(2026, 10, 22, 12);

function call(key: string, change: Partial<ModelCall> = {}, isShared = true): PricedCall {
  const counts = { input: 1, cacheRead: 2, cacheWrite5m: 3, cacheWrite1h: 4, output: 5, reasoning: 0 };
  const source = "otlp";
  return {
    key,
    call: { source, key, model: "m", atMs: AT_MS, ...counts, confidence: "exact", ...change },
    sources: [source],
    members: [{ source, key }],
    cost: { nanoUsd: 100, priceId: "p", estimated: false },
    isShared,
  };
}

function withStore(work: (store: FleetStore, path: string) => void): void {
  const directory = Deno.makeTempDirSync();
  const path = join(directory, "fleet.sqlite");
  const store = new FleetStore(path);
  try {
    work(store, path);
  } finally {
    store.close();
    Deno.removeSync(directory, { recursive: true });
  }
}

Deno.test("write() keeps every counter equal to its rows through additions, changes and removals", () =>
  withStore(({ ledger }) => {
    const write = (upserted: PricedCall[], removed: string[] = []): void =>
      ledger.write({ owner: OWNER, upserted, removed, states: [] });
    write([
      call("a"),
      call("b", { reportedCostNanoUsd: 90, incomplete: "interrupted", confidence: "reported" }),
    ]);
    write([call("a", { output: 50, atMs: AT_MS + 3_600_000 })], ["b"]);
    write([call("c", {}, false)], ["unknown"]);
    assert.deepEqual(ledger.check(), { rows: 2, problems: [] });
    assert.equal(ledger.spending.get("session", "s1").output, 55);
    assert.equal(ledger.spending.get("repository", "/repo").output, 50);
    assert.equal(ledger.spending.getPeriod({ startMs: AT_MS, endMs: AT_MS + 3_600_000 }).calls, 0);
    assert.equal(ledger.spending.getPeriod({ startMs: AT_MS, endMs: AT_MS + 7_200_000 }).calls, 1);
  }));

Deno.test("a row keeps what its price depends on, so that it can be priced again", () =>
  withStore(({ ledger }) => {
    const counts = { input: 1, cacheRead: 2, cacheWrite5m: 3, cacheWrite1h: 4, output: 5 };
    const passes = [counts, { ...counts, model: "n", aside: "advisor" as const }];
    const facts = { serviceTier: "batch", speed: "fast", inferenceGeo: "us", webSearches: 2, passes };
    ledger.write({ owner: OWNER, upserted: [call("a", facts)], removed: [], states: [] });
    const [row] = [...ledger.iterateAll()].map(callOf);
    const { serviceTier, speed, inferenceGeo, webSearches, passes: kept } = row ?? {};
    assert.deepEqual({ serviceTier, speed, inferenceGeo, webSearches, passes: kept }, facts);
    assert.deepEqual(ledger.getLatestPrompt("s1"), { model: "m", promptTokens: 10 });
  }));

Deno.test("check() names a counter that is not the sum of its rows", () =>
  withStore(({ ledger }, path) => {
    ledger.write({ owner: OWNER, upserted: [call("a")], removed: [], states: [] });
    const other = new DatabaseSync(path);
    other.exec("UPDATE spending SET cost_nano_usd = 99 WHERE scope = 'conversation'");
    other.close();
    assert.deepEqual(ledger.check().problems, ["conversation c1: costNanoUsd is 99, its rows sum up to 100"]);
  }));

Deno.test("write() stores source states together with the rows they stand for, or neither", () =>
  withStore(({ ledger }) => {
    const state = { name: "file:/a", sessionId: "s1", state: { offset: 7 } };
    const broken = call("b", { output: NaN });
    assert.throws(() =>
      ledger.write({ owner: OWNER, upserted: [call("a"), broken], removed: [], states: [state] })
    );
    assert.deepEqual([ledger.getState("file:/a"), ledger.check().rows], [undefined, 0]);
    ledger.write({ owner: OWNER, upserted: [call("a")], removed: [], states: [state] });
    assert.deepEqual(ledger.getState("file:/a"), { offset: 7 });
  }));

Deno.test("findOwner() answers who had a provider's id first", () =>
  withStore(({ ledger }) => {
    const ids = { messageId: "msg_1", requestId: "req_1" };
    ledger.write({ owner: OWNER, upserted: [call("a", ids)], removed: [], states: [] });
    assert.equal(ledger.findOwner({ messageId: "msg_1" }), "s1");
    assert.equal(ledger.findOwner({ messageId: "msg_2", requestId: "req_1" }), "s1");
    assert.equal(ledger.findOwner({ requestId: "req_2" }), undefined);
  }));

Deno.test("listCalls() gives back what was written, for a matcher to go on with", () =>
  withStore(({ ledger }) => {
    const priced = call("a", { requestId: "req_1", subagent: "x", serverToolUses: 2, reasoning: 3 });
    ledger.write({ owner: OWNER, upserted: [priced], removed: [], states: [] });
    const { cost: _cost, isShared: _isShared, ...merged } = priced;
    assert.deepEqual(ledger.listCalls("s1"), [merged]);
  }));

Deno.test("write() ends a reservation in the same commit as its call, or does neither", () =>
  withStore(({ ledger, reservations }) => {
    const { call: row } = call("a", { source: "gateway" });
    reservations.put({ callId: "a", sessionId: "s1", call: row });
    const states = [{ name: "broken", sessionId: "s1", state: 1n }];
    const write = { owner: OWNER, upserted: [call("a")], removed: [], settles: "a" };
    assert.throws(() => ledger.write({ ...write, states }), TypeError);
    assert.deepEqual([reservations.list().length, ledger.check().rows], [1, 0]);
    ledger.write({ ...write, states: [] });
    assert.deepEqual([reservations.list().length, ledger.check().rows], [0, 1]);
  }));
