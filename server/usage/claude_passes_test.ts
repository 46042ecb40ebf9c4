import assert from "node:assert/strict";
import { readPasses } from "./claude_passes.ts";
import { type ModelPass, type TokenCounts } from "./model_call.ts";

/** Input, cache read, cache write of 5 minutes and of an hour, output. */
type Counts = readonly [number, number, number, number, number];

function totals(
  ...[input, cacheRead, cacheWrite5m, cacheWrite1h, output]: Counts
): TokenCounts & { model: string } {
  return { model: "claude-sonnet-5", input, cacheRead, cacheWrite5m, cacheWrite1h, output };
}

/** An entry as answers have them: nothing said of lifetimes. */
function entry(
  type: string,
  [input, cacheRead, written, output]: readonly number[],
  model?: string,
): unknown {
  return {
    type,
    input_tokens: input,
    cache_read_input_tokens: cacheRead,
    cache_creation_input_tokens: written,
    output_tokens: output,
    ...(model === undefined ? {} : { model }),
  };
}

function countsOf(passes: readonly ModelPass[] | undefined): Counts[] | undefined {
  return passes?.map(({ input, cacheRead, cacheWrite5m, cacheWrite1h, output }) =>
    [input, cacheRead, cacheWrite5m, cacheWrite1h, output] as const
  );
}

// The figures are those of an answer that Claude Code 2.1 wrote down.
const STEPS = [entry("message", [2, 85_338, 2793, 833]), entry("message", [2, 88_131, 2021, 113])];
const ADVISOR = entry("advisor_message", [90_314, 0, 0, 5644], "claude-opus-5");
const TOTALS = totals(4, 173_469, 2021, 2793, 946);

Deno.test("readPasses tells steps and advisor apart; what is written for an hour stays that", () => {
  const [first, advisor, second] = [STEPS[0], ADVISOR, STEPS[1]];
  const passes = readPasses([first, advisor, second], TOTALS);
  assert.deepEqual(countsOf(passes), [
    [2, 85_338, 0, 2793, 833],
    [2, 88_131, 2021, 0, 113],
    [90_314, 0, 0, 0, 5644],
  ]);
  assert.deepEqual(passes?.map(({ model, aside }) => [model, aside]), [
    [undefined, undefined],
    [undefined, undefined],
    ["claude-opus-5", "advisor"],
  ]);
});

Deno.test("readPasses says nothing where the totals say it all", () => {
  const one = entry("message", [4, 10, 0, 7], "claude-sonnet-5");
  for (const iterations of [undefined, null, [], [one], "x", { length: 1 }, [null], Array(1000).fill(one)]) {
    assert.equal(readPasses(iterations, totals(4, 10, 0, 0, 7)), undefined);
  }
});

Deno.test("readPasses adds a compaction to totals that leave it out", () => {
  const iterations = [entry("compaction", [180_000, 0, 0, 3500]), entry("message", [23_000, 0, 0, 1000])];
  const passes = readPasses(iterations, totals(23_000, 0, 0, 0, 1000));
  assert.deepEqual(countsOf(passes), [[23_000, 0, 0, 0, 1000], [180_000, 0, 0, 0, 3500]]);
  assert.equal(passes?.[1]?.aside, "compaction");
});

Deno.test("readPasses believes steps that come to more than the first one's prompt, not to less than the totals", () => {
  const steps = [entry("message", [412, 0, 0, 89]), entry("message", [1348, 412, 0, 442])];
  assert.deepEqual(countsOf(readPasses(steps, totals(412, 0, 0, 0, 531))), [
    [412, 0, 0, 0, 89],
    [1348, 412, 0, 0, 442],
  ]);
  assert.equal(readPasses(steps, totals(412, 0, 0, 0, 532)), undefined);
  const absurd = [...steps, entry("message", [0, 20_000_001, 0, 1])];
  assert.equal(readPasses(absurd, totals(412, 0, 0, 0, 531))?.length, 2);
  const broken = [steps[0], { ...(steps[1] as object), output_tokens: -1 }, ADVISOR];
  assert.deepEqual(countsOf(readPasses(broken, totals(412, 0, 0, 0, 531))), [
    [412, 0, 0, 0, 531],
    [90_314, 0, 0, 0, 5644],
  ]);
});

Deno.test("readPasses charges the model that stepped in, not the one that declined", () => {
  const iterations = [
    entry("message", [408, 0, 0, 0], "claude-fable-5"),
    entry("fallback_message", [412, 0, 0, 264], "claude-opus-5"),
  ];
  const passes = readPasses(iterations, { ...totals(412, 0, 0, 0, 264), model: "claude-fable-5" });
  assert.deepEqual(passes?.map(({ model }) => model), ["claude-opus-5"]);
  assert.equal(readPasses(iterations, { ...totals(412, 0, 0, 0, 264), model: "claude-opus-5" }), undefined);
});
