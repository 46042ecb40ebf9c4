import assert from "node:assert/strict";
import headless from "@xterm/headless";
import { readClaudeStatus, readCodexStatus, type StatusReading } from "./status_line.ts";
import { readFixture } from "./testdata/fixture_sessions.ts";

const CONTEXT = { usedTokens: 16278, sizeTokens: 1_000_000, percentUsed: 2 };
const ALL = { input: 1234, output: 567, costNanoUsd: 81_526_000 };

const CLAUDE_ROWS: Array<[row: string, expected: StatusReading | undefined]> = [
  // the current format, and the one the fixtures' script prints
  ["  [AF] ctx=16278/1000000(2%) in=1234 out=567 cost=$0.081526 [/AF]", {
    format: "tagged",
    ...ALL,
    context: CONTEXT,
  }],
  ["   [AF] ctx=16278/1000000(2%) cost=$0.081526 [/AF]", {
    format: "tagged",
    costNanoUsd: 81_526_000,
    context: CONTEXT,
  }],
  // cost first, with one answer's figures (no totals) or with totals
  ["[AF] cost=0.081526 last_in=10 last_out=20 cache_r=30 cache_w=40 [/AF]", {
    format: "tagged",
    costNanoUsd: 81_526_000,
  }],
  ["[AF] cost=$0.081526 in=1234 out=567 [/AF]", { format: "tagged", ...ALL }],
  // minimal, cost optional
  ["[AF] in=1234 out=567 cost=$0.081526 [/AF]", { format: "tagged", ...ALL }],
  ["[AF] in=1234 out=567 [/AF]", { format: "tagged", input: 1234, output: 567 }],
  // pipes, whole and damaged by redraws
  ["AF|ctx=16278/1000000(2%)|in=1234|out=567|cost=$0.081526", { format: "pipe", ...ALL, context: CONTEXT }],
  ["16278/1000000(2%)|in=1234|out=567|cost=$0.081526", { format: "pipe", ...ALL, context: CONTEXT }],
  ["in=1234|out=567|cost=$0.081526", { format: "pipe", ...ALL }],
  ["ctx=16278/1000000(2%) in=1234 out=567 cost=$0.081526", { format: "pipe", ...ALL, context: CONTEXT }],
  ["in=1234 out=567", { format: "pipe", input: 1234, output: 567 }],
  // cut off at the edge of a narrow terminal: the last figure may be half of one
  ["[AF] ctx=16278/1000000(2%) in=1234 out=56", { format: "tagged", input: 1234, context: CONTEXT }],
  ["[AF] in=1234 out=567 cost=$0.0…", { format: "tagged", input: 1234, output: 567 }],
  // nothing to be taken for it
  ["the flags are in=file out=file", undefined],
  ["begin=12 route=34", undefined],
  ["[AF] nothing [/AF]", undefined],
  ["in=99999999999999999999 out=1", { format: "pipe", output: 1 }],
  ["[AF] cost=$99999999999 in=1 out=-5 [/AF]", { format: "tagged", input: 1 }],
  ["", undefined],
];

for (const [row, expected] of CLAUDE_ROWS) {
  Deno.test(`readClaudeStatus reads "${row}"`, () => assert.deepEqual(readClaudeStatus([row]), expected));
}

Deno.test("readClaudeStatus takes the lowest status row, and none above the last sixty", () => {
  const rows = ["in=9 out=9", "[AF] in=1 out=2 [/AF]", "❯ in=x", "  ⏸ manual mode on"];
  assert.equal(readClaudeStatus(rows)?.input, 1);
  assert.equal(readClaudeStatus([...rows, ...Array.from({ length: 60 }, () => "")]), undefined);
});

const CODEX_ROWS: Array<[rows: string[], expected: StatusReading | undefined]> = [
  [
    ["  GPT-6-Sol default Fast · Context 48% left · Context 52% used · 207K in · 50.3K out · 71K used · Ready"],
    {
      format: "items",
      input: 207_000,
      output: 50_300,
      context: { percentUsed: 52 },
    },
  ],
  [["15.7K in · 27 out"], { format: "items", input: 15_700, output: 27 }],
  [["1.2M in 3m out"], { format: "items", input: 1_200_000, output: 3_000_000 }],
  [["  gpt-5 · Context 30% left · 96.5K in ·", "  12 out · Working"], {
    format: "items",
    input: 96_500,
    output: 12,
    context: { percentUsed: 70 },
  }],
  [["Token usage: total=71,029 input=20,720 (+ 186,467 cached) output=50,309"], {
    format: "summary",
    input: 207_187,
    output: 50_309,
    cacheRead: 186_467,
  }],
  [["Token usage: total=30 input=10 output=20 (reasoning 5)"], {
    format: "summary",
    input: 10,
    output: 20,
    cacheRead: 0,
  }],
  [["15.7K in · 27 out", "Token usage: total=30 input=10 output=20"], {
    format: "summary",
    input: 10,
    output: 20,
    cacheRead: 0,
  }],
  [["built 5 in total, 2 out of 3"], undefined],
  [["Token usage: none"], undefined],
];

for (const [rows, expected] of CODEX_ROWS) {
  Deno.test(`readCodexStatus reads "${rows.join(" / ")}"`, () =>
    assert.deepEqual(readCodexStatus(rows), expected));
}

/** Every different reading of a recorded terminal, in order; 120x40 as it was recorded. */
async function replay(
  name: string,
  read: (rows: readonly string[]) => StatusReading | undefined,
): Promise<StatusReading[]> {
  const terminal = new headless.Terminal({ cols: 120, rows: 40, allowProposedApi: true });
  const seen = new Map<string, StatusReading>();
  for (const line of new TextDecoder().decode(readFixture(`pty/${name}`)).trim().split("\n")) {
    const [, text] = JSON.parse(line) as [number, string];
    await new Promise<void>((done) => terminal.write(text, done));
    const buffer = terminal.buffer.active;
    const rows = Array.from(
      { length: terminal.rows },
      (_, row) => buffer.getLine(buffer.baseY + row)?.translateToString(true) ?? "",
    );
    const reading = read(rows);
    if (reading !== undefined) seen.set(JSON.stringify(reading), reading);
  }
  terminal.dispose();
  return [...seen.values()];
}

Deno.test("readClaudeStatus finds all eight costs on the screen that the bytes show in fragments", async () => {
  const readings = await replay("claude-status-line-tools-slow-stream.jsonl", readClaudeStatus);
  const costs = [...new Set(readings.map((reading) => reading.costNanoUsd))];
  assert.equal(costs.length, 8);
  assert.deepEqual([costs[0], costs.at(-1)], [0, 1_156_272_600]);
  assert.deepEqual(costs, costs.toSorted((left, right) => (left ?? 0) - (right ?? 0)));
});

Deno.test("readCodexStatus follows a recorded screen to the exact summary at its end", async () => {
  const readings = await replay("codex-status-line-tools-slow-stream.jsonl", readCodexStatus);
  const rounded = readings.filter((reading) => reading.format === "items");
  assert.ok(rounded.some((reading) => reading.input === 207_000 && reading.output === 50_300));
  const resumed = await replay("codex-resume-then-quit.jsonl", readCodexStatus);
  assert.deepEqual(resumed.at(-1), { format: "summary", input: 57_518, output: 54, cacheRead: 38_230 });
});
