import assert from "node:assert/strict";
import { join } from "node:path";
import type { SessionView } from "../protocol.ts";
import { type ModelCall, NO_TOKENS } from "../usage/model_call.ts";
import { AGENT_ORIGIN, test as appTest, type TestApp } from "../testing/test_app.ts";
import { appendLine, otlpBody, transcriptLine, writeScripts } from "../testing/fake_agents.ts";

function test(name: string, work: (t: TestApp) => Promise<void>): void {
  appTest(name, async (t) => {
    await writeScripts(join(t.directory, "bin"), { claude: "", codex: "" });
    await work(t);
  });
}

async function post(
  t: TestApp,
  { session, path, body, headers = {} }: {
    session: string;
    path: string;
    body: unknown;
    headers?: Record<string, string>;
  },
): Promise<number> {
  const response = await t.agentApp.request(AGENT_ORIGIN + path, {
    method: "POST",
    headers: { ...t.agentHeaders(session), ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  await response.body?.cancel();
  return response.status;
}

/** The clock of the test application. */
const NOW_MS = 1_800_000_000_000;

function launch(t: TestApp, command = "claude"): Promise<SessionView> {
  return t.sessions.launch({ cwd: t.directory, command });
}

async function transcriptOf(t: TestApp, id: string): Promise<string> {
  const cwd = await Deno.realPath(t.directory);
  return join(t.directory, ".claude", "projects", cwd.replace(/[^A-Za-z0-9]/g, "-"), `${id}.jsonl`);
}

async function tick(t: TestApp): Promise<void> {
  // The test's clock moves by itself; logs are due after a while.
  for (let count = 0; count < 500; count++) t.rooms.money.budgets.listFleet();
  await t.rooms.metering.tick();
}

test("what an agent posts is in its session's ledger, once, however often it is posted", async (t) => {
  const { id } = await launch(t);
  const body = otlpBody([{ requestId: "req_1", input: 100, output: 10, costUsd: 0.00075 }], NOW_MS);
  assert.equal(await post(t, { session: id, path: "/v1/logs", body }), 200);
  assert.equal(await post(t, { session: id, path: "/v1/logs", body }), 200);
  const { usage, metering } = t.sessions.get(id);
  assert.deepEqual([usage?.calls, usage?.costNanoUsd, usage?.confidence], [1, 750_000, "exact"]);
  assert.deepEqual([usage?.sources, usage?.reportedCost, metering], [{ otlp: 1 }, undefined, "observe"]);
});

test("a call seen by telemetry and transcript is one row; what only one has seen is there too", async (t) => {
  const { id } = await launch(t);
  const path = await transcriptOf(t, id);
  await appendLine(
    path,
    transcriptLine({ requestId: "r1", messageId: "m1", input: 5, output: 7, atMs: NOW_MS + 9e3 }),
  );
  await appendLine(
    path,
    transcriptLine({ requestId: "r1", messageId: "m1", input: 5, output: 7, atMs: NOW_MS + 9e3 }),
  );
  const subagent = join(path.slice(0, -6), "subagents", "agent-a1.jsonl");
  await appendLine(
    subagent,
    transcriptLine({ requestId: "r2", messageId: "m2", output: 20, atMs: NOW_MS + 9e3 }),
  );
  await post(t, {
    session: id,
    path: "/v1/logs",
    body: otlpBody([{ requestId: "r1", input: 5, output: 7 }], NOW_MS),
  });
  await tick(t);
  assert.deepEqual(t.sessions.get(id).usage?.tokens, { input: 5, cacheRead: 0, cacheWrite: 0, output: 27 });
  const { items } = t.store.ledger.list(id, { sort: "tokens", order: "asc", limit: 10 });
  assert.deepEqual(items.map(({ sources, subagent }) => [sources, subagent]), [
    [["otlp", "transcript"], undefined],
    [["transcript"], "a1"],
  ]);
});

test("a resumed conversation counts what is new, and a copied one nothing that others have paid for", async (t) => {
  const first = await launch(t);
  const path = await transcriptOf(t, first.id);
  await appendLine(
    path,
    transcriptLine({ requestId: "r1", messageId: "m1", output: 100, atMs: NOW_MS + 9e3 }),
  );
  await tick(t);
  t.holder.exit(first.id);
  await t.rooms.metering.finished();
  const second = await t.sessions.resume(first.id, {});
  await appendLine(
    path,
    transcriptLine({ requestId: "r2", messageId: "m2", output: 30, atMs: NOW_MS + 2e5 }),
  );
  await tick(t);
  assert.equal(t.sessions.get(second.id).usage?.tokens.output, 30);
  const fork = await launch(t);
  const copy = await Deno.readTextFile(path);
  await appendLine(await transcriptOf(t, fork.id), copy.trimEnd());
  await tick(t);
  assert.equal(t.sessions.get(fork.id).usage, undefined);
  assert.equal(t.rooms.money.budgets.listFleet()[2]?.spent.nanoUsd, 130 * 25_000);
});

test("a conversation that was there before the launch is not counted", async (t) => {
  const old = "0b3f6a52-4c39-4b8e-9a51-000000000000";
  const path = await transcriptOf(t, old);
  await appendLine(
    path,
    transcriptLine({ requestId: "r1", messageId: "m1", output: 100, atMs: NOW_MS + 2e5 }),
  );
  const { id } = await launch(t, `claude --resume ${old}`);
  await appendLine(path, transcriptLine({ requestId: "r2", messageId: "m2", output: 7, atMs: NOW_MS + 2e5 }));
  await tick(t);
  assert.equal(t.sessions.get(id).usage?.tokens.output, 7);
});

test("hooks tell the state and the question, as one clean line", async (t) => {
  const { id } = await launch(t);
  const hook = async (body: Record<string, unknown>): Promise<SessionView> => {
    assert.equal(await post(t, { session: id, path: "/hook", body }), 200);
    return t.sessions.get(id);
  };
  assert.equal((await hook({ hook_event_name: "UserPromptSubmit" })).activity, "working");
  const asked = await hook({
    hook_event_name: "PermissionRequest",
    tool_name: "Bash",
    tool_input: { command: "rm -rf \u202e\u001b[2Jx\n" },
  });
  assert.deepEqual([asked.activity, asked.question], ["needs_you", "Approve Bash: rm -rf  [2Jx"]);
  const done = await hook({ hook_event_name: "Stop" });
  assert.deepEqual([done.activity, done.question], ["idle", undefined]);
});

test("hostile bodies are refused or ignored, and none of them lowers what was spent", async (t) => {
  const { id } = await launch(t);
  await post(t, {
    session: id,
    path: "/v1/logs",
    body: otlpBody([{ requestId: "r1", output: 1000 }], NOW_MS),
  });
  const before = t.sessions.get(id).usage?.costNanoUsd;
  const bodies: [unknown, number][] = [
    ["{", 400],
    ["null", 200],
    [[], 200],
    ["[".repeat(100) + "]".repeat(100), 400],
    [otlpBody([{ requestId: "r2", output: -1e9 }], NOW_MS), 200],
    [otlpBody([{ requestId: "r3", output: 1e300 }], NOW_MS), 200],
    [otlpBody([{ requestId: "r4", output: 5 }], NOW_MS + 1e9), 200],
    [{ resourceLogs: [{ scopeLogs: [{ logRecords: "x" }] }] }, 200],
  ];
  for (const [body, status] of bodies) {
    assert.equal(await post(t, { session: id, path: "/v1/logs", body }), status);
  }
  assert.equal(t.sessions.get(id).usage?.costNanoUsd, before);
  const text = { "content-type": "text/plain" };
  assert.equal(await post(t, { session: id, path: "/v1/logs", body: "{}", headers: text }), 415);
  assert.equal(
    await post(t, { session: id, path: "/v1/logs", body: "{}", headers: { origin: AGENT_ORIGIN } }),
    403,
  );
});

test("a flood of calls from one session is slowed down", async (t) => {
  const { id } = await launch(t);
  const batch = (from: number): unknown =>
    otlpBody(
      Array.from({ length: 600 }, (_, index) => ({ requestId: `r${from + index}`, output: index + from })),
      NOW_MS,
    );
  assert.equal(await post(t, { session: id, path: "/v1/logs", body: batch(0) }), 200);
  assert.equal(await post(t, { session: id, path: "/v1/logs", body: batch(600) }), 200);
  assert.equal(await post(t, { session: id, path: "/v1/logs", body: batch(1200) }), 429);
});

/** A thread's file as Codex begins it. */
async function beginThread(t: TestApp, { thread, atMs }: { thread: string; atMs: number }): Promise<string> {
  const at = new Date(atMs);
  const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) =>
    String(part).padStart(2, "0")
  );
  const path = join(t.directory, ".codex/sessions", ...day, `rollout-${thread.slice(-2)}-${thread}.jsonl`);
  const payload = {
    id: thread,
    cwd: await Deno.realPath(t.directory),
    source: "cli",
    timestamp: at.toISOString(),
  };
  await appendLine(path, JSON.stringify({ timestamp: at.toISOString(), type: "session_meta", payload }));
  return path;
}

test("without telemetry a thread goes to the one session that can have begun it", async (t) => {
  await t.sessions.launch({ cwd: t.directory, command: "codex" });
  const session = { cwd: t.directory, command: "codex", additions: { telemetry: false, gateway: false } };
  const { id } = await t.sessions.launch(session);
  const thread = "01a20221-cbad-7c33-bf49-5602320eaa15";
  await beginThread(t, { thread, atMs: NOW_MS + 900 });
  await tick(t);
  assert.equal(t.sessions.get(id).resume?.agentSessionId, thread);
});

test("an interrupted turn of Codex is noted where nobody counts its answer, and only there", async (t) => {
  const thread = "01a20221-cbad-7c33-bf49-5602320eaa15";
  const abort = JSON.stringify({
    timestamp: new Date(NOW_MS + 9e3).toISOString(),
    type: "event_msg",
    payload: { type: "turn_aborted", turn_id: "t1", reason: "interrupted" },
  });
  const session = { cwd: t.directory, command: "codex", additions: { telemetry: false } };
  for (const gateway of [false, true]) {
    const { id } = await t.sessions.launch({ ...session, additions: { telemetry: false, gateway } });
    const own = gateway ? thread.replace("01a2", "01a3") : thread;
    await appendLine(await beginThread(t, { thread: own, atMs: NOW_MS + 900 }), abort);
    await tick(t);
    await tick(t);
    const { usage, blindSpots = [] } = t.sessions.get(id);
    assert.equal(usage, undefined);
    assert.equal(blindSpots.length, gateway ? 0 : 2);
    assert.equal(blindSpots.some((each) => each.startsWith("1 turn was interrupted")), !gateway);
    t.holder.exit(id);
    await t.rooms.metering.finished();
  }
});

test("a turn of Codex that has just failed needs its user; one behind which another began does not", async (t) => {
  const session = { cwd: t.directory, command: "codex", additions: { telemetry: false, gateway: false } };
  const line = (payload: Record<string, unknown>): string =>
    JSON.stringify({ timestamp: new Date(NOW_MS + 950).toISOString(), type: "event_msg", payload });
  const failed = line({ type: "task_complete", turn_id: "t1", error: { message: "overloaded" } });
  const begun = line({ type: "task_started", turn_id: "t2" });
  const cases = [
    { last: "1", lines: [failed], said: ["needs_you", "overloaded"] },
    { last: "2", lines: [failed, begun], said: ["unknown", undefined] },
  ];
  for (const { last, lines, said } of cases) {
    const { id } = await t.sessions.launch(session);
    const path = await beginThread(t, {
      thread: `01a20221-cbad-7c33-bf49-5602320eaa0${last}`,
      atMs: NOW_MS + 900,
    });
    for (const each of lines) await appendLine(path, each);
    await tick(t);
    await tick(t);
    const { activity, question } = t.sessions.get(id);
    assert.deepEqual([activity, question], said);
    t.holder.exit(id);
    await t.rooms.metering.finished();
  }
});

test("a thread of either of two sessions is nobody's until one names it", async (t) => {
  const session = { cwd: t.directory, command: "codex", additions: { telemetry: false, gateway: false } };
  const [first, second] = [await t.sessions.launch(session), await t.sessions.launch(session)];
  const threads = ["01a20221-cbad-7c33-bf49-5602320eaa15", "01a20227-399a-7100-859c-8921898aa610"];
  const paths = [];
  for (const thread of threads) paths.push(await beginThread(t, { thread, atMs: NOW_MS + 900 }));
  await tick(t);
  const resumeOf = (id: string): unknown => t.sessions.get(id).resume?.agentSessionId;
  assert.deepEqual([resumeOf(first.id), resumeOf(second.id)], [undefined, undefined]);
  const lastWords = `To continue this session, run codex resume ${threads[1]}\r\n`;
  t.holder.read = () => Promise.resolve(new TextEncoder().encode(lastWords));
  t.holder.exit(first.id, { code: 0, offset: lastWords.length });
  await t.rooms.metering.finished();
  const followed = paths.map((path) => t.store.ledger.getState(`file:${path}`) !== undefined);
  assert.deepEqual([resumeOf(first.id), followed], [threads[1], [false, true]]);
  await tick(t);
  assert.equal(resumeOf(second.id), threads[0], "the other one is left");
});

test("what a run that died had reserved is in the ledger before the first call is looked at", async (t) => {
  const { id } = await launch(t);
  const call: ModelCall = {
    ...NO_TOKENS,
    ...{ key: "cut", model: "claude-opus-4-5", atMs: NOW_MS, output: 1000, reasoning: 0 },
    ...{ source: "gateway", confidence: "estimated", incomplete: "unfinished" },
  };
  t.store.reservations.put({ callId: "cut", sessionId: id, call });
  assert.equal(await post(t, { session: id, path: "/v1/metrics", body: {} }), 200);
  assert.deepEqual(t.store.reservations.list(), []);
  assert.equal(t.sessions.get(id).usage?.costNanoUsd, 1000 * 25_000);
});

test("while usage cannot be stored a limited session stands still; then all of it is counted", async (t) => {
  const { id } = await t.sessions.launch({ cwd: t.directory, command: "cat", budget: { tokens: 1_000_000 } });
  const output = new TextEncoder().encode("words that cost tokens\r\n".repeat(100));
  t.holder.read = ({ from = 0 }: { from?: number } = {}) => Promise.resolve(output.slice(from));
  const { write } = t.store.ledger;
  t.store.ledger.write = () => {
    throw new Error("database or disk is full");
  };
  t.rooms.metering.handle({ type: "grown", session: id, offset: output.length });
  for (let look = 0; look < 30 && !t.holder.signals.includes("pause"); look++) await tick(t);
  assert.deepEqual(t.holder.signals, ["pause"]);
  assert.equal(t.sessions.get(id).usage?.tokens.output ?? 0, 0);
  t.store.ledger.write = write;
  await tick(t);
  await tick(t);
  assert.deepEqual(t.holder.signals, ["pause", "resume"]);
  assert.ok((t.sessions.get(id).usage?.tokens.output ?? 0) > 400);
});
