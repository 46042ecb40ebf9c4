// Status words as waitpid gives them.

import assert from "node:assert/strict";
import { parseExitStatus } from "./exit_status.ts";

Deno.test("parseExitStatus() tells codes from signals", () => {
  assert.deepEqual(parseExitStatus(0), { code: 0 });
  assert.deepEqual(parseExitStatus(3 << 8), { code: 3 });
  assert.deepEqual(parseExitStatus(255 << 8), { code: 255 });
  assert.deepEqual(parseExitStatus(9), { signal: "SIGKILL" });
  assert.deepEqual(parseExitStatus(11 | 0x80), { signal: "SIGSEGV" });
  assert.deepEqual(parseExitStatus(64), { signal: "SIG64" });
});
