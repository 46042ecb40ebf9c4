import assert from "node:assert/strict";
import { readHook } from "./hook_event.ts";

const SESSION = "1ab386c1-0167-48ce-8543-9d5a8f003e77";

/** As Claude Code 2.1.330 posts it. */
function failure(last_assistant_message: string): unknown {
  return {
    session_id: SESSION,
    transcript_path: "/home/dev/.claude/projects/-repo/1.jsonl",
    cwd: "/repo",
    hook_event_name: "StopFailure",
    error: "unknown",
    last_assistant_message,
  };
}

Deno.test("a turn that ends with an error needs its user, who is told which", () => {
  assert.deepEqual(readHook(failure("API Error: 400 Fake\ninvalid_request_error (400)")), {
    activity: "needs_you",
    question: "API Error: 400 Fake invalid_request_error (400)",
    agentSessionId: SESSION,
  });
});

Deno.test("a turn that ends at a limit of ours only rests: the gate tells of that", () => {
  const said = "API Error: 402 Agents Fleet: the budget of this conversation does not cover this call.";
  assert.deepEqual(readHook(failure(said)), { activity: "idle", agentSessionId: SESSION });
});

Deno.test("what is no hook says nothing", () => {
  assert.deepEqual([readHook(undefined), readHook({ hook_event_name: 3 }), readHook("Stop")], [{}, {}, {}]);
});
