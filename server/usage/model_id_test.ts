import assert from "node:assert/strict";
import { parseModelId } from "./model_id.ts";

const BASES: Array<[model: string, base: string]> = [
  ["claude-opus-5-5", "claude-opus-5-5"],
  ["Claude-Opus-5-5[1m]", "claude-opus-5-5"],
  ["us.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5"],
  ["bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"],
  ["global.anthropic.claude-opus-5-5", "claude-opus-5-5"],
  ["anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5"],
  ["us.amazon.nova-pro-v1:0", "nova-pro"],
  ["vertex_ai/claude-haiku-4-5@20251001", "claude-haiku-4-5"],
  ["openrouter/anthropic/claude-opus-4.6", "claude-opus-4.6"],
  ["openai/gpt-5.5-2026-04-23", "gpt-5.5"],
  ["gpt-4o", "gpt-4o"],
  ["claude-3-5-haiku-latest", "claude-3-5-haiku"],
  ["", ""],
];

for (const [model, base] of BASES) {
  Deno.test(`parseModelId finds ${base || "nothing"} in "${model}"`, () =>
    assert.equal(parseModelId(model).base, base));
}

Deno.test("parseModelId tells regional from global Bedrock names, and other names from both", () => {
  assert.deepEqual(
    ["us.anthropic.claude-x-v1:0", "global.anthropic.claude-x", "anthropic.claude-x", "claude-x"].map(
      (model) => {
        const { isRegional, bedrock } = parseModelId(model);
        return [isRegional, bedrock !== undefined];
      },
    ),
    [[true, true], [false, true], [false, true], [false, false]],
  );
});

Deno.test("parseModelId survives any text", () => {
  assert.ok(parseModelId("[".repeat(100_000) + "/@us.-v1:0").candidates.length > 0);
});
