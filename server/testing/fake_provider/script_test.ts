import assert from "node:assert/strict";
import { parseScript } from "./script.ts";

Deno.test("parseScript reads every directive of a prompt", () => {
  const script = parseScript(
    "Do it [[tools:2]] [[run:sleep 5]] [[slow:20s]] [[quiet:300ms]] [[output:5000]] [[thinking]] [[input:7]] " +
      "[[cache:write=1000,write1h=500,read=9000]] [[error:529x2]] [[cut]] [[lie:absurd]]",
  );
  assert.deepEqual(script, {
    tools: 2,
    command: "sleep 5",
    subagents: 0,
    subagentDirectives: "",
    slowMs: 20_000,
    quietMs: 300,
    outputTokens: 5000,
    thinkingTokens: 64,
    inputTokens: 7,
    cache: { write5m: 1000, write1h: 500, read: 9000 },
    error: { status: 529, times: 2 },
    cuts: 1,
    hang: false,
    lie: "absurd",
  });
});

Deno.test("parseScript turns the list for sub-agents into directives of their prompts", () => {
  const script = parseScript("[[subagent:4]] [[sub:tools=1,output=60]]");
  assert.equal(script.subagents, 4);
  assert.equal(script.subagentDirectives, "[[tools:1]] [[output:60]]");
});

Deno.test("parseScript refuses directives and values it does not know", () => {
  for (const prompt of ["[[tolls:2]]", "[[slow:20]]", "[[tools:many]]", "[[cache:red=1]]", "[[lie:small]]"]) {
    assert.throws(() => parseScript(prompt), TypeError, prompt);
  }
});
