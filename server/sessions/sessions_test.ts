import assert from "node:assert/strict";
import { AppError } from "../errors.ts";
import { test, type TestApp } from "../testing/test_app.ts";
import type { SessionChange } from "./live_sessions.ts";

test("a launch starts the program in the resolved directory with a clean environment", async (t) => {
  const view = await t.sessions.launch({ cwd: t.directory, command: "FOO=1 echo hi", title: " Hello " });
  const [call] = t.holder.spawned;
  assert.deepEqual(call?.argv, ["/usr/bin/echo", "hi"]);
  assert.equal(call?.cwd, await Deno.realPath(t.directory));
  assert.deepEqual([call?.env["FOO"], call?.env["TERM"]], ["1", "xterm-256color"]);
  assert.deepEqual([view.lifecycle, view.title, view.kind, view.pid], ["running", "Hello", "shell", 101]);
});

test("a command with shell syntax goes to the user's shell as one argument", async (t) => {
  await t.sessions.launch({ cwd: t.directory, command: "echo $HOME | cat" });
  assert.deepEqual(t.holder.spawned[0]?.argv, ["/bin/sh", "-c", "echo $HOME | cat"]);
});

test("a program that cannot be started leaves a session that says why", async (t) => {
  t.holder.spawnFailure = new Error("out of terminals");
  const view = await t.sessions.launch({ cwd: t.directory, command: "sh" });
  assert.deepEqual([view.lifecycle, view.endReason, view.failure], [
    "ended",
    "spawn_failed",
    "out of terminals",
  ]);
});

test("an exit keeps its code, a death its signal", async (t) => {
  const ids = [];
  for (const end of [{ code: 3 }, { signal: "SIGSEGV" }]) {
    const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
    t.holder.exit(id, { ...end, offset: 42, endedAtMs: 77 });
    ids.push(id);
  }
  const [exited, killed] = ids.map((id) => t.sessions.get(id));
  assert.deepEqual([exited?.endReason, exited?.exitCode, exited?.recordedBytes, exited?.endedAtMs], [
    "exited",
    3,
    42,
    77,
  ]);
  assert.deepEqual([killed?.endReason, killed?.exitCode, killed?.exitSignal], [
    "exited",
    undefined,
    "SIGSEGV",
  ]);
  assert.deepEqual(t.holder.acknowledged, ids);
});

for (const stop of ["stop", "stopAll"] as const) {
  test(`a session that is still starting is stopped once it runs: ${stop}`, async (t) => {
    t.vault.root = await Deno.realPath(t.directory);
    const gate = Promise.withResolvers<void>();
    t.vault.gate = gate.promise;
    const launched = t.sessions.launch({ cwd: t.directory, command: "sh" });
    const [starting] = t.sessions.list({ limit: 1 }).items;
    assert.equal(starting?.lifecycle, "starting");
    if (stop === "stop") t.sessions.stop(starting.id);
    else assert.equal(t.sessions.stopAll(), 1);
    gate.resolve();
    const { id } = await launched;
    await t.sessions.stopsFinished();
    const view = t.sessions.get(id);
    assert.deepEqual([view.lifecycle, view.endReason], ["ended", "user_stop"]);
  });
}

test("a stop shows its progress and ends once, with its own reason", async (t) => {
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
  const changes: SessionChange[] = [];
  t.sessions.onChange((change) => changes.push(change));
  assert.equal(t.sessions.stop(id).lifecycle, "stopping");
  assert.equal(t.sessions.stop(id, "budget").lifecycle, "stopping");
  await t.sessions.stopsFinished();
  const view = t.sessions.get(id);
  assert.deepEqual([view.lifecycle, view.endReason, view.exitSignal], ["ended", "user_stop", "SIGKILL"]);
  const steps = changes.flatMap((change) =>
    change.type === "session" && change.session.stop ? [change.session.stop.step] : []
  );
  assert.deepEqual([...new Set(steps)], ["hang_up", "terminate", "kill"]);
  assert.equal(
    changes.filter((change) => change.type === "session" && change.session.lifecycle === "ended").length,
    1,
  );
});

test("a stop and a natural exit at the same moment give one end", async (t) => {
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
  t.sessions.stop(id);
  t.holder.exit(id, { code: 0 });
  await t.sessions.stopsFinished();
  t.holder.exit(id, { code: 9 });
  assert.deepEqual([t.sessions.get(id).endReason, t.sessions.get(id).exitCode], ["user_stop", 0]);
});

test("a stop goes on when the holder answers again, and ends with its reason", async (t) => {
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
  const kill = t.holder.kill.bind(t.holder);
  let silent = 3;
  t.holder.kill = (call) =>
    silent-- > 0 ? Promise.reject(new AppError("unavailable", "did not answer")) : kill(call);
  t.sessions.stop(id, "budget");
  await t.sessions.stopsFinished();
  assert.deepEqual([t.sessions.get(id).lifecycle, t.sessions.get(id).endReason], ["ended", "budget"]);
});

test("a stop that failed can be asked for again", async (t) => {
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
  const kill = t.holder.kill.bind(t.holder);
  t.holder.kill = () => Promise.reject(new Error("a mistake"));
  t.sessions.stop(id);
  await t.sessions.stopsFinished();
  assert.equal(t.sessions.get(id).lifecycle, "stopping");
  t.holder.kill = kill;
  t.sessions.stop(id);
  await t.sessions.stopsFinished();
  assert.deepEqual([t.sessions.get(id).lifecycle, t.sessions.get(id).endReason], ["ended", "user_stop"]);
});

test("stop all reaches every running session", async (t) => {
  const ids = [];
  for (let n = 0; n < 3; n++) ids.push((await t.sessions.launch({ cwd: t.directory, command: "sh" })).id);
  t.holder.exit(ids[0] ?? "");
  assert.equal(t.sessions.stopAll(), 2);
  await t.sessions.stopsFinished();
  assert.ok(ids.every((id) => t.sessions.get(id).lifecycle === "ended"));
});

test("a program that started after its start was given up is ended", async (t) => {
  t.holder.spawnFailure = new Error("no answer in time");
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
  t.holder.running = [
    { session: id, pid: 7, startedAtMs: 10, offset: 0, cols: 80, rows: 24, paused: false },
  ];
  await t.sessions.reconcile();
  assert.deepEqual(t.holder.signals, ["kill"]);
  assert.equal(t.sessions.get(id).endReason, "spawn_failed");
});

test("what ran when the server died is interrupted, what the holder saw end is told truly", async (t) => {
  const launch = async (): Promise<string> =>
    (await t.sessions.launch({ cwd: t.directory, command: "sh" })).id;
  const [lost, ended, held] = [await launch(), await launch(), await launch()];
  t.holder.exits = [{ session: ended, code: 5, offset: 9, endedAtMs: 50 }];
  t.holder.running = [{
    session: held,
    pid: 1,
    startedAtMs: 1,
    offset: 7,
    cols: 80,
    rows: 24,
    paused: false,
  }];
  assert.equal(await t.sessions.reconcile(), 1);
  assert.equal(t.sessions.get(lost).endReason, "crash");
  assert.deepEqual([t.sessions.get(ended).endReason, t.sessions.get(ended).exitCode], ["exited", 5]);
  assert.deepEqual([t.sessions.get(held).lifecycle, t.sessions.get(held).recordedBytes], ["running", 7]);
});

test("input that the program does not take is an error, not a loss", async (t) => {
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
  t.holder.acceptsInput = false;
  await assert.rejects(t.sessions.write(id, new TextEncoder().encode("x")), /does not read its input/);
});

test("survivors are named after their session and only ours are ended", async (t) => {
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh", title: "Work" });
  t.holder.exit(id);
  t.holder.survivors = [{ pid: 9, startTime: "1", startedAtMs: 5, command: "sleep 1", session: id }];
  assert.equal((await t.sessions.listSurvivors())[0]?.sessionTitle, "Work");
  assert.deepEqual(await t.sessions.endSurvivors([9, 1]), [9]);
});

test("a relaunch repeats command, place and title", async (t) => {
  const first = await t.sessions.launch({ cwd: t.directory, command: "sh", title: "Work" });
  const second = await t.sessions.relaunch(first.id);
  assert.notEqual(second.id, first.id);
  assert.deepEqual([second.command, second.cwd, second.title], [first.command, first.cwd, first.title]);
});

test("listeners hear of a deletion", async (t) => {
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
  t.holder.exit(id);
  const changes: SessionChange[] = [];
  t.sessions.onChange((change) => changes.push(change));
  await t.sessions.delete(id);
  assert.deepEqual(changes, [{ type: "session_deleted", sessionId: id }]);
  assert.deepEqual(t.holder.deleted, [id]);
});

test("a notification makes one notice, is over when the user types, and not when a terminal reports", async (t) => {
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh", title: "Work" });
  const type = (text: string): Promise<void> => t.sessions.write(id, new TextEncoder().encode(text));
  const notify = { type: "activity", session: id, activity: "needs_you", isNotification: true } as const;
  t.holder.listener({ ...notify, question: "Look here" });
  t.holder.listener({ ...notify, question: "Look here" });
  await type("\x1b[I");
  assert.deepEqual([t.sessions.get(id).activity, t.sessions.get(id).question], ["needs_you", "Look here"]);
  const { items } = t.store.notices.list({ limit: 9 });
  assert.deepEqual(items.map(({ kind, title, text }) => [kind, title, text]), [
    ["needs_you", "“Work” needs you", "Look here"],
  ]);
  assert.equal(t.messages.filter(({ type }) => type === "notice").length, 1);
  await type("y");
  assert.deepEqual([t.sessions.get(id).activity, t.sessions.get(id).question], ["unknown", undefined]);
});

test("a session that went on shows what its program last reported", async (t) => {
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
  t.holder.running = [{
    ...{ session: id, pid: 1, startedAtMs: 1, offset: 7, cols: 80, rows: 24, paused: false },
    ...{ activity: "needs_you", question: "May I?" },
  }];
  await t.sessions.reconcile();
  assert.deepEqual([t.sessions.get(id).activity, t.sessions.get(id).question], ["needs_you", "May I?"]);
});

/** Lets the next calls of a table's method fail as on a full disk. */
function failFull<Name extends string>(
  table: Record<Name, unknown>,
  { name, times }: { name: Name; times: number },
): void {
  const method = table[name] as (...values: unknown[]) => unknown;
  let left = times;
  table[name] = (...values: unknown[]): unknown => {
    if (left-- > 0) throw Object.assign(new Error("database or disk is full"), { errcode: 13 });
    return method.apply(table, values);
  };
}

test("an end that a full disk refuses is noted when it takes it, and acknowledged only then", async (t) => {
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
  failFull(t.store.sessions as never, { name: "markEnded", times: 3 });
  t.holder.exit(id, { code: 7 });
  assert.deepEqual([t.sessions.get(id).lifecycle, t.holder.acknowledged], ["running", []]);
  await ended(t, id);
  assert.deepEqual([t.sessions.get(id).exitCode, t.holder.acknowledged], [7, [id]]);
});

test("a full disk keeps nobody from stopping a session, and the reason is kept", async (t) => {
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
  failFull(t.store.sessions as never, { name: "markStopping", times: 2 });
  t.sessions.stop(id, "budget");
  await t.sessions.stopsFinished();
  await ended(t, id);
  assert.equal(t.sessions.get(id).endReason, "budget");
});

test("what is interrupted while nothing can be stored is told so later", async (t) => {
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
  failFull(t.store.sessions as never, { name: "markEnded", times: 2 });
  assert.equal(await t.sessions.reconcile(), 1);
  await ended(t, id);
  assert.equal(t.sessions.get(id).endReason, "crash");
});

test("typing and resizing go on while nothing can be stored", async (t) => {
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "sh" });
  failFull(t.store.sessions as never, { name: "setSize", times: 2 });
  failFull(t.store.events as never, { name: "add", times: 2 });
  await t.sessions.resize(id, { cols: 99, rows: 9 });
  await t.sessions.write(id, new TextEncoder().encode("ls\r"));
  while (!t.store.events.list(id, { limit: 9 }).items.some(({ kind }) => kind === "input")) await tick();
  assert.equal(t.sessions.get(id).cols, 99);
});

async function ended(t: TestApp, id: string): Promise<void> {
  while (t.sessions.get(id).lifecycle !== "ended") await tick();
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
