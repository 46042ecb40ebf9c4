import assert from "node:assert/strict";
import { nameSession } from "./session_name.ts";

const UNTITLED = {
  title: null,
  aiTitle: null,
  resumedFrom: null,
  kind: "claude",
  command: "claude -c",
} as const;

Deno.test("a session is called by its title, its summary's, or its command; a resume not by the id in it", () => {
  assert.equal(nameSession({ ...UNTITLED, title: "Mine", aiTitle: "Its" }), "Mine");
  assert.equal(nameSession({ ...UNTITLED, aiTitle: "Its", resumedFrom: "s1" }), "Its");
  assert.equal(nameSession(UNTITLED), "claude -c");
  assert.equal(nameSession({ ...UNTITLED, resumedFrom: "s1" }), "Claude Code, resumed");
});
