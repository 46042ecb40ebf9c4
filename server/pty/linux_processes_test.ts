// Lines of /proc as recorded, and the list of this machine.

import assert from "node:assert/strict";
import { LinuxProcesses, parseEnvironment, parseStat } from "./linux_processes.ts";

const REST =
  "4194304 108 0 0 0 0 0 0 0 20 0 1 0 8842 2613248 216 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0";

/** A whole run of the tests takes less. */
const HOUR_MS = 3_600_000;

Deno.test("parseStat() reads a line", () => {
  assert.deepEqual(parseStat(`1234 (bash) S 1200 1234 1234 34816 1300 ${REST}\n`), {
    pid: 1234,
    parentPid: 1200,
    groupId: 1234,
    sessionLeaderPid: 1234,
    terminal: "34816",
    startTime: 8842,
  });
});

Deno.test("parseStat() is not misled by the program's name", () => {
  const entry = parseStat(`7 (a) Z 1 (b\n)) R 3 4 5 0 -1 ${REST}`);
  assert.deepEqual([entry?.pid, entry?.parentPid, entry?.terminal], [7, 3, ""]);
});

Deno.test("parseStat() leaves out the dead, but not a program whose first thread has ended", () => {
  assert.equal(parseStat(`7 (x) Z 1 7 7 0 -1 ${REST}`), undefined);
  assert.equal(parseStat(`7 (x) X 1 7 7 0 -1 ${REST}`), undefined);
  assert.equal(parseStat(`7 (x) Z 1 7 7 0 -1 ${REST.replace("20 0 1 0", "20 0 4 0")}`)?.pid, 7);
  assert.equal(parseStat(""), undefined);
});

Deno.test("parseEnvironment() finds whole names only", () => {
  const environment = "XNAME=no\0NAME=a=b\0NAME2=no\0";
  assert.equal(parseEnvironment(environment, "NAME"), "a=b");
  assert.equal(parseEnvironment(environment, "OTHER"), undefined);
  assert.equal(parseEnvironment("", "NAME"), undefined);
});

Deno.test("LinuxProcesses describes this process", { ignore: Deno.build.os !== "linux" }, () => {
  const source = new LinuxProcesses();
  const self = source.list().find(({ pid }) => pid === Deno.pid);
  assert.ok(self);
  assert.equal(self.parentPid, Deno.ppid);
  assert.equal(source.isAlive(self), true);
  assert.equal(source.isAlive({ ...self, startTime: self.startTime + 1 }), false);
  const { command, startedAtMs } = source.describe(self);
  assert.match(command, /deno/);
  assert.ok(startedAtMs < Date.now() && startedAtMs > Date.now() - HOUR_MS);
});
