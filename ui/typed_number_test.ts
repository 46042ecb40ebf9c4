import assert from "node:assert/strict";
import { parseTokenLimit, parseUsdLimit } from "./format_money.ts";
import { withoutThousandsCommas } from "./typed_number.ts";

Deno.test("commas part thousands", () => {
  for (const [text, plain] of [["1,200", "1200"], ["1,200,300.50", "1200300.50"], ["12,000k", "12000k"]]) {
    assert.equal(withoutThousandsCommas(text ?? ""), plain);
  }
});

Deno.test("a comma that parts no thousands stays, so that 2,50 is not read as 250", () => {
  for (const text of ["2,50", "2,5", "1,2345", "1,200,3", ",5", "1200,000"]) {
    assert.equal(withoutThousandsCommas(text), text);
    assert.equal(typeof parseUsdLimit(text).problem, "string", text);
    assert.equal(typeof parseTokenLimit(text).problem, "string", text);
  }
});
