// Lines of ps as its manual describes them; there was no Mac to record them on.

import assert from "node:assert/strict";
import { DarwinProcesses, parsePsLine } from "./darwin_processes.ts";

const LIST = [
  "    1     0     1 Ss   ??       Mon Nov 17 08:01:02 2025     /sbin/launchd",
  "  812   811   812 Ss+  ttys003  Sat Nov 22 14:14:00 2025     -zsh --login",
  "  901   812   901 Z    ttys003  Sat Nov  1 14:14:10 2025     (sleep)",
  "",
].join("\n");

Deno.test("DarwinProcesses lists the living with their sessions", () => {
  const source = new DarwinProcesses({ readList: () => LIST, sessionOf: (pid) => pid === 812 ? 812 : -1 });
  const startedAtMs = new Date(2025, 10, 22, 14, 14).getTime();
  const [launchd, shell, ...others] = source.list();
  assert.deepEqual(others, []);
  assert.deepEqual([launchd?.pid, launchd?.terminal, launchd?.sessionLeaderPid], [1, "", 0]);
  assert.deepEqual(shell, {
    pid: 812,
    parentPid: 811,
    groupId: 812,
    sessionLeaderPid: 812,
    terminal: "ttys003",
    startTime: startedAtMs,
  });
  assert.deepEqual(shell && source.describe(shell), { ...shell, startedAtMs, command: "-zsh --login" });
});

Deno.test("parsePsLine() leaves out what is no process", () => {
  assert.equal(parsePsLine("ps: some complaint"), undefined);
  assert.equal(parsePsLine("  812   811   812 Ss+  ttys003  not a date at all  zsh"), undefined);
});
