import assert from "node:assert/strict";
import { AppError } from "../errors.ts";
import { MAX_LIMIT_TOKENS, MAX_LIMIT_USD, parseLimit, parseLimits } from "./limits.ts";

Deno.test("parseLimits takes dollars and tokens, null for none, and leaves out what is not said", () => {
  assert.deepEqual(parseLimits({ usd: 0.5, tokens: 200 }), { nanoUsd: 500_000_000, tokens: 200 });
  assert.deepEqual(parseLimits({ usd: null }), { nanoUsd: null });
  assert.deepEqual(parseLimits({}), {});
  assert.deepEqual(parseLimits({ usd: MAX_LIMIT_USD, tokens: MAX_LIMIT_TOKENS }), {
    nanoUsd: 1e15,
    tokens: 1e12,
  });
});

const BAD = [0, -1, NaN, Infinity, "5", "", true, {}, [], 1e300, -0, 1e-12];

for (const unit of ["usd", "tokens"] as const) {
  for (const value of BAD) {
    Deno.test(`parseLimit refuses ${JSON.stringify(value) ?? "nothing"} ${unit} and names the field`, () => {
      const isInvalid = (thrown: unknown): boolean =>
        thrown instanceof AppError && thrown.code === "invalid" && thrown.field === unit;
      assert.throws(() => parseLimit(value, unit), isInvalid);
    });
  }
}

Deno.test("parseLimits refuses fractions of tokens and anything that is no object", () => {
  assert.throws(() => parseLimits({ tokens: 1.5 }), AppError);
  for (const input of [null, undefined, 5, "usd", [1]]) assert.throws(() => parseLimits(input), AppError);
});

Deno.test("parseLimits refuses a misspelled limit instead of setting none", () => {
  assert.throws(() => parseLimits({ USD: 5 }), { code: "invalid", field: "USD" });
  assert.throws(() => parseLimits({ usd: 5, budgetTokens: 7 }), { code: "invalid", field: "budgetTokens" });
});
