import assert from "node:assert/strict";
import {
  formatExactUsd,
  formatPercent,
  formatPrice,
  formatTokens,
  formatUsd,
  formatUsdLimit,
  formatUsdShort,
  limitText,
  parseTokenLimit,
  parseUsdLimit,
} from "./format_money.ts";

Deno.test("formatUsd writes two decimals from a dollar on and four below", () => {
  const cases: [number, string][] = [
    [0, "$0.00"],
    [1, "<$0.0001"],
    [4_211_000, "$0.0042"],
    [999_949_999, "$0.9999"],
    [999_950_000, "$1.00"],
    [1_234_500_000_000, "$1,234.50"],
    [-2_500_000_000, "-$2.50"],
  ];
  for (const [nano, text] of cases) assert.equal(formatUsd(nano), text);
});

Deno.test("formatUsd marks estimates, but not the absence of spend", () => {
  assert.equal(formatUsd(1_230_000_000, { estimated: true }), "~$1.23");
  assert.equal(formatUsd(0, { estimated: true }), "$0.00");
});

Deno.test("formatExactUsd keeps every decimal that says something", () => {
  assert.equal(formatExactUsd(4_211_003), "$0.004211003");
  assert.equal(formatExactUsd(1_500_000_000), "$1.50");
  assert.equal(formatExactUsd(-1_234_000_000_000), "-$1,234.00");
});

Deno.test("formatUsdLimit shows no zeros beyond cents", () => {
  assert.equal(formatUsdLimit(500_000_000), "$0.50");
  assert.equal(formatUsdLimit(20_000_000_000), "$20.00");
  assert.equal(formatUsdLimit(12_500_000), "$0.0125");
});

Deno.test("formatUsdShort fits under an icon", () => {
  const usd = [0, 0.001, 0.42, 3.1, 99.99, 125.4, 1234];
  assert.deepEqual(usd.map((each) => formatUsdShort(each * 1e9)), [
    "$0",
    "<1¢",
    "$0.42",
    "$3.10",
    "$99.99",
    "$125",
    "$1.2K",
  ]);
});

Deno.test("formatPrice keeps what a price says", () => {
  assert.deepEqual([3, 0.3, 0.075, 1500].map(formatPrice), ["$3.00", "$0.30", "$0.075", "$1,500.00"]);
});

Deno.test("formatTokens keeps three digits in each unit", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [812, "812"],
    [1000, "1.00 K"],
    [12_345, "12.3 K"],
    [99_960, "100 K"],
    [999_499, "999 K"],
    [999_500, "1.00 M"],
    [4_560_000, "4.56 M"],
    [1_230_000_000, "1.23 B"],
  ];
  for (const [tokens, text] of cases) assert.equal(formatTokens(tokens), text);
});

Deno.test("formatPercent is finer where little is used", () => {
  assert.equal(formatPercent(0), "0 %");
  assert.equal(formatPercent(0.043), "4.3 %");
  assert.equal(formatPercent(0.0999), "10 %");
  assert.equal(formatPercent(1.234), "123 %");
});

Deno.test("parseUsdLimit reads dollars as people type them and says what is wrong", () => {
  for (const [text, value] of [["", null], [" $5 ", 5], ["1,200.50", 1200.5], [".5", 0.5]] as const) {
    assert.equal(parseUsdLimit(text).value, value, text);
  }
  for (const text of ["five", "-1", "0", "1e3", "2000000", "1.2.3"]) {
    assert.equal(typeof parseUsdLimit(text).problem, "string", text);
  }
});

Deno.test("parseTokenLimit reads multiples and says what is wrong", () => {
  const cases = [["", null], ["100,000", 100_000], ["100k", 100_000], ["1.5 M", 1_500_000]] as const;
  for (const [text, value] of cases) assert.equal(parseTokenLimit(text).value, value, text);
  for (const text of ["many", "0", "-5", "0.2", "2000b"]) {
    assert.equal(typeof parseTokenLimit(text).problem, "string", text);
  }
});

Deno.test("limitText is read back as the same limit", () => {
  assert.equal(parseUsdLimit(limitText("usd", 1234.5)).value, 1234.5);
  assert.equal(parseTokenLimit(limitText("tokens", 1_500_000)).value, 1_500_000);
  assert.equal(limitText("usd", null), "");
});
