// Who belongs to a session by made-up process lists, and real trees that try to get away.

import assert from "node:assert/strict";
import type { ProcessEntry } from "./process_source.ts";
import { findByCookie, ProcessTree, SESSION_COOKIE_VARIABLE } from "./process_tree.ts";
import { PtyHost } from "./pty_host.ts";
import { FakeProcesses } from "./testing/fake_processes.ts";
import { TEST_ENVIRONMENT, TestSession, type TestSpawn } from "./testing/test_session.ts";

const LEADER = 10_000;

function pidsOf(entries: ProcessEntry[]): number[] {
  return entries.map(({ pid }) => pid).sort((a, b) => a - b);
}

/** A leader with its terminal, beside processes that are none of its business. */
function fakeSession(): FakeProcesses {
  const source = new FakeProcesses();
  source.add({ pid: 1, parentPid: 0 });
  source.add({ pid: 500 });
  source.add({ pid: LEADER, parentPid: Deno.pid, terminal: "34817" });
  return source;
}

Deno.test("a tree is group, session and descendants of its leader", () => {
  const source = fakeSession();
  const inSession = { sessionLeaderPid: LEADER };
  source.add({ pid: 10_001, parentPid: LEADER, groupId: LEADER, ...inSession });
  source.add({ pid: 10_002, parentPid: 1, ...inSession });
  source.add({ pid: 10_003, parentPid: 1, groupId: LEADER });
  source.add({ pid: 10_004, parentPid: 10_002 });
  source.add({ pid: 10_005, parentPid: 10_004 });
  source.add({ pid: 10_006, parentPid: 500 });
  const tree = new ProcessTree({ leaderPid: LEADER, source });
  assert.deepEqual(pidsOf(tree.scan()), [LEADER, 10_001, 10_002, 10_003, 10_004, 10_005]);
});

Deno.test("a descendant seen once is known after it has left its parents", () => {
  const source = fakeSession();
  const child = source.add({ pid: 10_001, parentPid: LEADER });
  const tree = new ProcessTree({ leaderPid: LEADER, source });
  source.remove(LEADER);
  child.parentPid = 1;
  const grandchild = source.add({ pid: 10_002, parentPid: 10_001 });
  assert.deepEqual(pidsOf(tree.observe()), [10_001, 10_002]);
  source.remove(10_001);
  grandchild.parentPid = 1;
  assert.deepEqual(pidsOf(tree.observe()), [10_002]);
});

Deno.test("a pid that was given to a stranger does not count", () => {
  const source = fakeSession();
  source.add({ pid: 10_001, parentPid: LEADER });
  const tree = new ProcessTree({ leaderPid: LEADER, source });
  source.remove(10_001);
  source.add({ pid: 10_001, startTime: 77_000 });
  assert.deepEqual(pidsOf(tree.scan()), [LEADER]);
});

Deno.test("a leader's number that was given to a stranger does not count", () => {
  const source = fakeSession();
  const tree = new ProcessTree({ leaderPid: LEADER, source });
  source.remove(LEADER);
  source.add({ pid: LEADER, startTime: 77_000 });
  source.add({ pid: 77_001, sessionLeaderPid: LEADER, groupId: LEADER });
  assert.deepEqual(tree.scan(), []);
});

Deno.test("a session number that nobody has any more does not come back", () => {
  const source = fakeSession();
  const tree = new ProcessTree({ leaderPid: LEADER, source });
  source.remove(LEADER);
  assert.deepEqual(tree.scan(), []);
  source.add({ pid: 77_001, sessionLeaderPid: LEADER, groupId: LEADER });
  assert.deepEqual(tree.scan(), []);
});

Deno.test("holders of the terminal belong to the tree as long as it is ours", () => {
  const source = fakeSession();
  let isOurs = true;
  const tree = new ProcessTree({ leaderPid: LEADER, source, ownsTerminal: () => isOurs });
  source.add({ pid: 10_001, terminal: "34817" });
  assert.deepEqual(pidsOf(tree.scan()), [LEADER, 10_001]);
  source.remove(10_001);
  isOurs = false;
  source.add({ pid: 10_002, terminal: "34817" });
  assert.deepEqual(pidsOf(tree.scan()), [LEADER]);
});

Deno.test("bearers of the cookie and their descendants belong to the tree", () => {
  const source = fakeSession();
  for (const pid of [10_001, 10_002, 10_003]) source.add({ pid });
  source.add({ pid: 10_004, parentPid: 10_001 });
  source.environments.set(10_001, { [SESSION_COOKIE_VARIABLE]: "data:session" });
  source.environments.set(10_002, { [SESSION_COOKIE_VARIABLE]: "data:session2" });
  source.environments.set(Deno.pid, { [SESSION_COOKIE_VARIABLE]: "data:session" });
  source.add({ pid: Deno.pid });
  const tree = new ProcessTree({ leaderPid: LEADER, cookie: "data:session", source });
  assert.deepEqual(pidsOf(tree.scan()), [LEADER, 10_001, 10_004]);
});

Deno.test("findByCookie() finds every session of a data directory, but not ourselves", () => {
  const source = fakeSession();
  for (const pid of [10_001, 10_002, 10_003]) source.add({ pid });
  source.environments.set(10_001, { [SESSION_COOKIE_VARIABLE]: "data:one" });
  source.environments.set(10_002, { [SESSION_COOKIE_VARIABLE]: "database:two" });
  source.add({ pid: Deno.pid });
  source.environments.set(Deno.pid, { [SESSION_COOKIE_VARIABLE]: "data:one" });
  const [found, ...others] = findByCookie("data:", source);
  assert.deepEqual(others, []);
  assert.deepEqual([found?.pid, found?.cookie, found?.command, found?.startedAtMs], [
    10_001,
    "data:one",
    "program 10001",
    10_001,
  ]);
});

interface RealSession {
  session: TestSession;
  tree: ProcessTree;
}

/** Starts a program, waits for its "ready" and hands over its tree; nothing is left of it afterwards. */
async function withTree(options: TestSpawn, body: (real: RealSession) => Promise<void>): Promise<void> {
  const host = PtyHost.open();
  const cookie = `test:${crypto.randomUUID()}`;
  let tree: ProcessTree | undefined;
  try {
    const session = new TestSession(host, {
      ...options,
      env: { ...TEST_ENVIRONMENT, [SESSION_COOKIE_VARIABLE]: cookie },
    });
    const { pty } = session;
    tree = new ProcessTree({ leaderPid: pty.pid, cookie, ownsTerminal: () => !pty.closed });
    await session.says(/ready/);
    await body({ session, tree });
  } finally {
    await tree?.freezeAndKill();
    await host.close();
  }
}

function shell(script: string): TestSpawn {
  return { argv: ["sh", "-c", script] };
}

function isRunning(pid: number): boolean {
  try {
    return !Deno.readTextFileSync(`/proc/${pid}/stat`).includes(") Z ");
  } catch {
    // Reaped.
    return false;
  }
}

/** What `pid N` lines of the output name. */
function namedPids(session: TestSession): number[] {
  return [...session.text.matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid));
}

const real = { ignore: Deno.build.os !== "linux" };

Deno.test("a tree that ignores signals is killed whole", real, async () => {
  const script = 'trap "" INT TERM HUP; sleep 1000 & echo pid $!; echo ready; sleep 1000';
  await withTree(shell(script), async ({ session, tree }) => {
    const found = await untilCount(tree, 3);
    assert.equal(tree.signal("SIGTERM"), 3);
    assert.equal(tree.scan().length, 3);
    assert.deepEqual(await tree.freezeAndKill(), []);
    assert.deepEqual(found.map(isRunning), [false, false, false]);
    assert.deepEqual(await session.pty.exited, { signal: "SIGKILL" });
  });
});

/** Until that many processes are there; resolves to their pids. */
async function untilCount(tree: ProcessTree, count: number): Promise<number[]> {
  for (let look = 0; look < 5000; look++) {
    const found = tree.scan();
    if (found.length === count) return pidsOf(found);
    await Promise.resolve();
  }
  throw new Error(`The tree never had ${count} processes but ${JSON.stringify(tree.scan(), null, 1)}`);
}

Deno.test(
  "a daemon that left session, group, terminal and parents is found by its cookie",
  real,
  async () => {
    const script =
      "setsid sh -c 'sleep 1000 </dev/null >/dev/null 2>&1 & echo pid $!'; echo ready; sleep 1000";
    await withTree(shell(script), async ({ session, tree }) => {
      const [daemon = 0] = namedPids(session);
      assert.ok(tree.scan().some(({ pid }) => pid === daemon));
      assert.deepEqual(await tree.freezeAndKill(), []);
      assert.equal(isRunning(daemon), false);
    });
  },
);

Deno.test("a daemon that also cleared its environment is found if it was seen before", real, async () => {
  // The middle process waits for a line, so that the tree can be observed while the parents are still there.
  const script =
    "env -i setsid sh -c 'sleep 1000 </dev/null >/dev/null 2>&1 & echo pid $!; echo ready; read x'; sleep 1000";
  await withTree(shell(script), async ({ session, tree }) => {
    const [daemon = 0] = namedPids(session);
    tree.observe();
    session.pty.write("\r");
    await untilParentIs(daemon, 1);
    assert.ok(tree.scan().some(({ pid }) => pid === daemon));
    assert.deepEqual(await tree.freezeAndKill(), []);
    assert.equal(isRunning(daemon), false);
  });
});

async function untilParentIs(pid: number, parentPid: number): Promise<void> {
  const source = (): string => Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ")[1] ?? "";
  for (let look = 0; look < 10_000; look++) {
    if (source() === String(parentPid)) return;
    await Promise.resolve();
  }
  throw new Error(`The parent of ${pid} is still ${source()}`);
}

Deno.test("a tree that forks without end is frozen and killed", real, async () => {
  const script = 'trap "" INT TERM HUP; grow() { while :; do sleep 0.02 & sleep 0.01; done; }; ' +
    "for i in 1 2 3 4; do grow & done; echo ready; wait";
  await withTree(shell(script), async ({ tree }) => {
    await untilMoreThan(tree, 5);
    assert.deepEqual(await tree.freezeAndKill(), []);
    assert.deepEqual(tree.scan(), []);
  });
});

async function untilMoreThan(tree: ProcessTree, count: number): Promise<void> {
  while (tree.observe().length <= count) await Promise.resolve();
}

Deno.test("a stopped tree is killed", real, async () => {
  await withTree(shell("sleep 1000 & echo ready; kill -STOP $$"), async ({ tree }) => {
    assert.deepEqual(await tree.freezeAndKill(), []);
    assert.equal(await tree.isGoneWithin(0), true);
  });
});

Deno.test("a process that waits to be reaped is not alive", real, async () => {
  const host = PtyHost.open();
  const session = new TestSession(host, shell("echo ready; read x"));
  const tree = new ProcessTree({ leaderPid: session.pty.pid });
  await session.says(/ready/);
  await host.close();
  // The host is closed: nobody reaps the leader, which the hang-up has ended.
  assert.equal(await tree.isGoneWithin(5000), true);
  assert.match(Deno.readTextFileSync(`/proc/${session.pty.pid}/stat`), /\) Z /);
});
