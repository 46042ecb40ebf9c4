import assert from "node:assert/strict";
import { CallMatcher, type LedgerChange } from "./match.ts";
import type { MergedCall } from "./merged_call.ts";
import type { ModelCall, UsageSource } from "./model_call.ts";
import { sumOf } from "./testdata/fixture_sessions.ts";
import { randomInt, seededRandom, shuffled } from "./testdata/seeded_random.ts";

const AT_MS = Date.UTC(2026, 10, 22);

function call(source: UsageSource, key: string, change: Partial<ModelCall> = {}): ModelCall {
  return {
    source,
    key,
    model: "gpt-6-sol",
    atMs: AT_MS,
    input: 100,
    cacheRead: 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    output: 10,
    reasoning: 0,
    confidence: "exact",
    ...change,
  };
}

function match(rows: readonly ModelCall[]): MergedCall[] {
  const matcher = new CallMatcher();
  for (const row of rows) matcher.upsert(row);
  return matcher.merged;
}

const FROM_TRANSCRIPT = call("transcript", "msg_1", {
  messageId: "msg_1",
  requestId: "req_1",
  webSearches: 2,
  reasoning: 4,
  serviceTier: "standard",
});
const FROM_OTLP = call("otlp", "req_1", {
  requestId: "req_1",
  reportedCostNanoUsd: 5,
  purpose: "repl_main_thread",
});

Deno.test("CallMatcher takes an answer's passes from whoever tells them, and its counts with them", () => {
  const counts = { input: 100, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 10 };
  const passes = [counts, { ...counts, input: 700, model: "claude-opus-5", aside: "advisor" as const }];
  const told = { ...FROM_TRANSCRIPT, input: 800, output: 20, passes };
  const withoutIds = call("otlp", "x");
  for (const rows of [[told, FROM_OTLP], [FROM_OTLP, told], [{ ...told, requestId: "r2" }, withoutIds]]) {
    const [row, ...others] = match(rows);
    assert.equal(others.length, 0);
    assert.deepEqual([row?.call.source, row?.call.input, row?.call.output], ["otlp", 800, 20]);
    assert.deepEqual(row?.call.passes, passes);
  }
  const [gated] = match([told, call("gateway", "g", { messageId: "msg_1" })]);
  assert.deepEqual([gated?.call.input, gated?.call.passes], [100, undefined]);
});

Deno.test("CallMatcher makes one row of what two sources report under one request id", () => {
  for (const rows of [[FROM_TRANSCRIPT, FROM_OTLP], [FROM_OTLP, FROM_TRANSCRIPT]]) {
    const [row, ...others] = match(rows);
    assert.equal(others.length, 0);
    assert.equal(row?.key, "message:msg_1");
    assert.deepEqual(row?.sources, ["otlp", "transcript"]);
    assert.equal(row?.call.source, "otlp");
    const { webSearches, reasoning, reportedCostNanoUsd, messageId, purpose, serviceTier } = row.call;
    assert.deepEqual([webSearches, reasoning, reportedCostNanoUsd, messageId, purpose, serviceTier], [
      2,
      4,
      5,
      "msg_1",
      "repl_main_thread",
      "standard",
    ]);
  }
});

Deno.test("CallMatcher takes the best source's numbers, but a finished answer's before a cut-off one's", () => {
  const gateway = call("gateway", "g1", { requestId: "req_1", output: 11 });
  assert.equal(match([FROM_TRANSCRIPT, gateway])[0]?.call.output, 11);
  const cutOff = call("transcript", "t1", { requestId: "req_1", output: 3, incomplete: "interrupted" });
  const [row] = match([cutOff, FROM_OTLP]);
  assert.deepEqual([row?.call.output, row?.call.incomplete, row?.call.source], [10, undefined, "otlp"]);
  const [alone] = match([cutOff]);
  assert.equal(alone?.call.incomplete, "interrupted");
});

Deno.test("CallMatcher keeps the gateway's numbers of an answer that it ended: the agent knows it from there", () => {
  const ended = call("gateway", "g1", { requestId: "req_1", output: 3, incomplete: "interrupted" });
  const [row] = match([ended, FROM_OTLP]);
  assert.deepEqual([row?.call.output, row?.call.incomplete, row?.call.source], [3, "interrupted", "gateway"]);
});

Deno.test("CallMatcher matches rows without a common id by model, size and time", () => {
  const otlp = call("otlp", "a");
  const late = call("transcript", "resp_1", {
    messageId: "resp_1",
    atMs: AT_MS + 90_000,
    model: "gpt-6-sol-2026-09-22",
  });
  assert.equal(match([otlp, late]).length, 1);
  assert.equal(match([otlp, { ...late, output: 11 }]).length, 2);
  assert.equal(match([otlp, { ...late, atMs: AT_MS + 3_600_000 }]).length, 2);
  assert.equal(match([otlp, { ...late, model: "gpt-5.5" }]).length, 2);
});

Deno.test("CallMatcher keeps calls apart that one source lists twice or that have ids of their own", () => {
  assert.equal(match([call("otlp", "a"), call("otlp", "b")]).length, 2);
  const gateway = call("gateway", "g", { requestId: "req_1" });
  assert.equal(match([gateway, call("otlp", "req_2", { requestId: "req_2" })]).length, 2);
  const pairs = [call("otlp", "a"), call("otlp", "b"), call("transcript", "c"), call("transcript", "d")];
  assert.equal(match(pairs).length, 2);
});

Deno.test("CallMatcher does not match rows that have no tokens", () => {
  const none = { input: 0, output: 0 };
  assert.equal(match([call("otlp", "a", none), call("transcript", "b", none)]).length, 2);
});

Deno.test("CallMatcher drops totals of a screen and of an estimate when a better source reports", () => {
  const matcher = new CallMatcher();
  assert.deepEqual(matcher.upsert(call("estimate", "hour:1")).upserted.length, 1);
  const screen = matcher.upsert(call("screen", "hour:1"));
  assert.deepEqual([screen.upserted.map((row) => row.key), screen.removed], [["screen:hour:1"], [
    "estimate:hour:1",
  ]]);
  const better = matcher.upsert(FROM_OTLP);
  assert.deepEqual([better.upserted.map((row) => row.key), better.removed], [["request:req_1"], [
    "screen:hour:1",
  ]]);
  assert.deepEqual(matcher.upsert(call("screen", "hour:2")), { upserted: [], removed: [] });
});

Deno.test("CallMatcher replaces a row by a later version of it, and reports nothing for the same one", () => {
  const matcher = new CallMatcher();
  matcher.upsert(call("transcript", "msg_1", { messageId: "msg_1", output: 1, incomplete: "unfinished" }));
  const { upserted, removed } = matcher.upsert(
    call("transcript", "msg_1", { messageId: "msg_1", output: 40 }),
  );
  assert.deepEqual([upserted.map((row) => row.call.output), removed], [[40], []]);
  assert.deepEqual(matcher.upsert(call("transcript", "msg_1", { messageId: "msg_1", output: 40 })), {
    upserted: [],
    removed: [],
  });
});

Deno.test("CallMatcher gives back the partner of a row whose corrected size does not match any more", () => {
  const matcher = new CallMatcher();
  const ledger = new Map<string, MergedCall>();
  apply(ledger, matcher.upsert(call("otlp", "a")));
  apply(ledger, matcher.upsert(call("transcript", "m", { messageId: "m" })));
  assert.deepEqual([...ledger.keys()], ["message:m"]);
  apply(ledger, matcher.upsert(call("transcript", "m", { messageId: "m", output: 11 })));
  assert.deepEqual([...ledger.keys()].sort(), ["message:m", "otlp:a"]);
  assert.deepEqual(matcher.merged.map((row) => row.key), ["message:m", "otlp:a"]);
});

interface World {
  calls: number;
  /** Sizes may repeat: then every source sees every call. */
  repeats: boolean;
  cli: "claude" | "codex";
}

/** True calls and what each source that saw one reports of it. */
function createWorld(random: () => number, world: World): { truth: ModelCall[]; rows: ModelCall[] } {
  const truth: ModelCall[] = [];
  const rows: ModelCall[] = [];
  const sources: UsageSource[] = ["gateway", "otlp", "transcript"];
  for (let index = 0; index < world.calls; index++) {
    const size = world.repeats ? randomInt(random, 1, 3) : index + 1;
    const one = call("gateway", `g${index}`, {
      input: 1000 + size,
      output: size,
      atMs: AT_MS + index * 20_000,
    });
    truth.push(one);
    const seenBy = sources.filter(() => world.repeats || random() < 0.6);
    for (const source of seenBy.length > 0 ? seenBy : sources.slice(0, 1)) {
      const atMs = one.atMs + randomInt(random, 0, 5000);
      rows.push({
        ...one,
        source,
        key: `${source}-${index}`,
        atMs,
        ...idsKnownTo(source, { index, cli: world.cli }),
      });
    }
  }
  return { truth, rows };
}

function idsKnownTo(source: UsageSource, of: { index: number; cli: "claude" | "codex" }): Partial<ModelCall> {
  const requestId = `req_${of.index}`;
  const messageId = `msg_${of.index}`;
  if (of.cli === "codex") return source === "otlp" ? {} : { messageId };
  return source === "otlp" ? { requestId } : { requestId, messageId };
}

function apply(ledger: Map<string, MergedCall>, change: LedgerChange): void {
  for (const key of change.removed) ledger.delete(key);
  for (const row of change.upserted) ledger.set(row.key, row);
}

for (const cli of ["claude", "codex"] as const) {
  for (const repeats of [false, true]) {
    Deno.test(`every ${cli} call counts once in any order of arrival${repeats ? ", also among equals" : ""}`, () => {
      for (let seed = 1; seed <= 60; seed++) {
        const random = seededRandom(seed);
        const { truth, rows } = createWorld(random, { calls: 12, repeats, cli });
        const expected = match(rows);
        assert.deepEqual(sumOf(expected.map((row) => row.call)), sumOf(truth), `seed ${seed}`);
        assert.equal(expected.length, truth.length);
        for (let run = 0; run < 5; run++) {
          const matcher = new CallMatcher();
          const ledger = new Map<string, MergedCall>();
          for (const row of shuffled(random, rows)) apply(ledger, matcher.upsert(row));
          assert.deepEqual(matcher.merged, expected, `seed ${seed}`);
          assert.deepEqual([...ledger.keys()].sort(), expected.map((row) => row.key).sort());
          assert.deepEqual(sumOf([...ledger.values()].map((row) => row.call)), sumOf(truth));
        }
      }
    });
  }
}

Deno.test("CallMatcher goes on after a restart from its ledger rows, with rows repeated and late", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seededRandom(seed);
    const { truth, rows } = createWorld(random, {
      calls: 10,
      repeats: false,
      cli: seed % 2 ? "claude" : "codex",
    });
    const arrivals = shuffled(random, rows);
    const cut = randomInt(random, 0, arrivals.length);
    const stored = match(arrivals.slice(0, cut));
    const matcher = new CallMatcher();
    matcher.restore(JSON.parse(JSON.stringify(stored)) as MergedCall[]);
    assert.deepEqual(sumOf(matcher.merged.map((row) => row.call)), sumOf(stored.map((row) => row.call)));
    for (const row of arrivals.slice(Math.max(0, cut - 5))) matcher.upsert(row);
    assert.deepEqual(sumOf(matcher.merged.map((row) => row.call)), sumOf(truth), `seed ${seed}`);
    assert.equal(matcher.merged.length, truth.length);
  }
});

Deno.test("a flood of equal rows from one source stays cheap", () => {
  const matcher = new CallMatcher();
  const startedMs = performance.now();
  for (let index = 0; index < 3000; index++) {
    matcher.upsert(call("otlp", `flood-${index}`, { atMs: AT_MS + index }));
  }
  assert.equal(matcher.merged.length, 3000);
  assert.ok(performance.now() - startedMs < 10_000);
});
