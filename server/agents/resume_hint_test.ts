import assert from "node:assert/strict";
import { findResumeHint } from "./resume_hint.ts";

const FIRST = "0b3f6a52-4c39-4b8e-9a51-000000000001";
const LAST = "0b3f6a52-4c39-4b8e-9a51-000000000002";

for (
  const [what, text, found] of [
    ["Claude's hint", `\nResume this session with:\nclaude --resume ${LAST}\n`, ["claude", LAST]],
    ["one with a settings file", `claude --settings /data/run.json --resume ${LAST}`, ["claude", LAST]],
    ["the last of several", `claude --resume ${FIRST}\nmore\nclaude --resume ${LAST}`, ["claude", LAST]],
    ["Codex's hint", `To continue this session, run:\r\n  codex resume ${LAST}\r\nOr run codex resume`, [
      "codex",
      LAST,
    ]],
    ["upper case", `CODEX RESUME ${LAST.toUpperCase()}`, ["codex", LAST]],
    ["no id", "claude --resume my-session", undefined],
    ["none", "nothing here", undefined],
  ] as [string, string, [string, string] | undefined][]
) {
  Deno.test(`findResumeHint reads ${what}`, () => {
    const hint = findResumeHint(text);
    assert.deepEqual(hint && [hint.kind, hint.agentSessionId], found);
  });
}
