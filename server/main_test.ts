// The whole program as its user starts it: command line, sessions, crash, restart.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { ApiClient } from "./testing/api_client.ts";
import {
  endHolders,
  listHolderPids,
  type RunningProgram,
  runProgram,
  startProgram,
} from "./testing/running_program.ts";
import type { SessionEvent, SurvivorView } from "./protocol.ts";

interface Scene {
  dataDirectory: string;
  workDirectory: string;
  start(args?: string[]): Promise<RunningProgram>;
}

/** Gives a test directories of its own, and ends whatever it started. */
function test(name: string, work: (scene: Scene) => Promise<void>): void {
  Deno.test(name, async () => {
    const root = await Deno.realPath(await Deno.makeTempDir());
    const scene = { dataDirectory: `${root}/data`, workDirectory: `${root}/work` };
    await Deno.mkdir(scene.workDirectory);
    const started: RunningProgram[] = [];
    const start = async (args?: string[]): Promise<RunningProgram> => {
      const program = await startProgram({ dataDirectory: scene.dataDirectory, ...(args ? { args } : {}) });
      started.push(program);
      return program;
    };
    try {
      await work({ ...scene, start });
    } finally {
      for (const program of started) await program.stop().catch(() => program.kill());
      if (started.length > 0) await endHolders(scene.dataDirectory);
      await Deno.remove(root, { recursive: true });
    }
  });
}

/** A zombie has ended; who should reap it is not our concern. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  return stat !== "" && !stat.includes(") Z");
}

Deno.test("version, help and wrong usage answer at once with their exit codes", async () => {
  const version = await runProgram(["--version"]);
  assert.deepEqual([version.code, /^agents-fleet \d+\.\d+\.\d+\n$/.test(version.output)], [0, true]);
  assert.match((await runProgram(["--help"])).output, /--port N/);
  for (const args of [["--port", "x"], ["--port", "70000"], ["frobnicate"], ["--frob"], ["--log", "loud"]]) {
    const { code, output } = await runProgram(args);
    assert.equal(code, 2, args.join(" "));
    assert.doesNotMatch(output, /at file:/);
  }
});

test("a second start on the same data names the first one's address and changes nothing", async ({ start, dataDirectory }) => {
  const program = await start();
  const second = await runProgram(["--data", dataDirectory, "--port", "0"]);
  assert.equal(second.code, 4);
  assert.match(second.output, new RegExp(`already running .* at ${program.address}/`));
  assert.doesNotMatch(second.output, /#k=/);
  assert.equal((await fetch(`${program.address}/health`)).status, 200);
});

test("a port that was asked for and is taken is an error that names it", async ({ dataDirectory }) => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, output } = await runProgram(["--data", dataDirectory, "--port", String(taken.addr.port)]);
  taken.close();
  assert.equal(code, 3);
  assert.match(output, new RegExp(`Port ${taken.addr.port} is in use`));
});

test("it listens on the loopback address only, and keeps the agents' port", async ({ start }) => {
  const program = await start();
  const api = await ApiClient.signIn(program.printedUrl);
  const { agentAddress } = await api.call<{ agentAddress: string }>("/api/status");
  for (const address of [program.address, agentAddress]) {
    const { port } = new URL(address);
    await assert.rejects(Deno.connect({ hostname: "127.0.0.2", port: Number(port) }));
  }
  assert.equal(await program.stop(), 0);
  const again = await ApiClient.signIn((await start()).printedUrl);
  assert.equal((await again.call<{ agentAddress: string }>("/api/status")).agentAddress, agentAddress);
});

test("the url command mints a code for a running program only", async ({ start, dataDirectory }) => {
  assert.equal((await runProgram(["url", "--data", dataDirectory])).code, 1);
  const program = await start();
  await ApiClient.signIn(await program.freshUrl());
  await assert.rejects(
    ApiClient.signIn(program.printedUrl.slice(0, -3)).then((api) => api.call("/api/status")),
  );
});

test("everything in the data directory is private", async ({ start, dataDirectory, workDirectory }) => {
  const api = await ApiClient.signIn((await start()).printedUrl);
  const { id } = await api.launch({ cwd: workDirectory, command: "echo hi" });
  await api.waitForEnd(id);
  for (const { name } of Deno.readDirSync(dataDirectory)) {
    assert.equal((Deno.statSync(`${dataDirectory}/${name}`).mode ?? 0) & 0o077, 0, name);
  }
});

test("a terminal shows what is typed and computed, in every client, also one that comes later", async ({ start, workDirectory }) => {
  const api = await ApiClient.signIn((await start()).printedUrl);
  const { id } = await api.launch({ cwd: workDirectory, command: "bash --norc --noprofile" });
  const first = await api.openTerminal(id);
  first.type("echo $((6*7))\r");
  await first.untilOutput("\r42\r\n");
  const second = await api.openTerminal(id);
  await second.untilOutput("\r42\r\n");
  second.type("stty size\r");
  second.resize(101, 33);
  second.type("stty size\r");
  await first.untilOutput("33 101");
  await Promise.all([first.close(), second.close()]);
});

test("exit codes, signals and programs that never ran are told apart", async ({ start, workDirectory }) => {
  const api = await ApiClient.signIn((await start()).printedUrl);
  const end = async (command: string): Promise<unknown[]> => {
    const session = await api.waitForEnd((await api.launch({ cwd: workDirectory, command })).id);
    return [session.endReason, session.exitCode, session.exitSignal];
  };
  assert.deepEqual(await end("sh -c 'exit 3'"), ["exited", 3, undefined]);
  assert.deepEqual(await end("sh -c 'kill -9 $$'"), ["exited", undefined, "SIGKILL"]);
  assert.deepEqual(await end("echo done | cat"), ["exited", 0, undefined]);
  await Deno.writeTextFile(`${workDirectory}/broken`, "#!/no/such/interpreter\n", { mode: 0o755 });
  const [reason, code] = await end("./broken");
  assert.ok(
    reason === "exited" && (code === 126 || code === 127),
    "shells disagree about a missing interpreter",
  );
});

test("a stop ends a program that ignores every polite signal, with its children, within 10 s", async ({ start, workDirectory }) => {
  const api = await ApiClient.signIn((await start()).printedUrl);
  const { id } = await api.launch({
    cwd: workDirectory,
    command: `sh -c 'trap "" INT TERM HUP; sleep 1000 & echo $! > child; sleep 1000'`,
  });
  const terminal = await api.openTerminal(id);
  const startedAtMs = performance.now();
  while (!await Deno.stat(`${workDirectory}/child`).then(({ size }) => size > 0, () => false)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const child = Number(await Deno.readTextFile(`${workDirectory}/child`));
  await api.call(`/api/sessions/${id}/stop`, { method: "POST" });
  const session = await api.waitForEnd(id);
  assert.ok(performance.now() - startedAtMs < 12_000);
  assert.equal(session.endReason, "user_stop");
  assert.equal(await isRunning(child), false);
  const steps = (await api.call<{ items: SessionEvent[] }>(`/api/sessions/${id}/events`)).items;
  assert.ok(steps.some(({ kind, text }) => kind === "stop_step" && text === "kill"));
  await terminal.close();
});

test("what a program emitted is what is recorded, byte for byte, also after a restart", async ({ start, workDirectory }) => {
  const program = await start();
  const api = await ApiClient.signIn(program.printedUrl);
  const bytes = new Uint8Array(10_000_000);
  for (let at = 0; at < bytes.length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  await Deno.writeFile(`${workDirectory}/random`, bytes);
  const { id } = await api.launch({ cwd: workDirectory, command: "stty raw -echo && cat random" });
  const ended = await api.waitForEnd(id);
  assert.equal(ended.recordedBytes, bytes.length);
  const hash = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");
  assert.equal(hash(await api.recording(id)), hash(bytes));
  await program.stop();
  const again = await ApiClient.signIn((await start()).printedUrl);
  assert.equal(hash(await again.recording(id)), hash(bytes));
});

test("a password is not kept, what is typed with echo is", async ({ start, workDirectory }) => {
  const api = await ApiClient.signIn((await start()).printedUrl);
  const { id } = await api.launch({
    cwd: workDirectory,
    command: `sh -c 'read visible; stty -echo; echo ready; read hidden; stty echo; echo over; read end'`,
  });
  const terminal = await api.openTerminal(id);
  terminal.type("hello\r");
  await terminal.untilOutput("ready");
  terminal.type("hunter2\r");
  await terminal.untilOutput("over");
  terminal.type("\r");
  await api.waitForEnd(id);
  const { items } = await api.call<{ items: SessionEvent[] }>(`/api/sessions/${id}/events`);
  const typed = items.filter(({ kind }) => kind === "input").map(({ text }) => text);
  assert.deepEqual(typed, ["\\r", "[8 bytes typed without echo]", "hello\\r"]);
  await terminal.close();
});

test("sessions go on while the server is killed, and nothing of them is missing or doubled afterwards", async ({ start, workDirectory }) => {
  const program = await start();
  const api = await ApiClient.signIn(program.printedUrl);
  const command =
    `sh -c 'n=0; while [ ! -e enough ]; do n=$((n+1)); echo line $n; sleep 0.005; done; exit 7'`;
  const { id } = await api.launch({ cwd: workDirectory, command });
  const before = await api.openTerminal(id);
  await before.untilOutput("line 20\r\n");
  await program.kill();
  const { output, offset } = before;
  const again = await ApiClient.signIn((await start()).printedUrl);
  const after = await again.openTerminal(id, { from: offset });
  await after.untilOutput("line 100\r\n");
  await Deno.writeTextFile(`${workDirectory}/enough`, "");
  const session = await again.waitForEnd(id);
  assert.deepEqual([session.endReason, session.exitCode], ["exited", 7]);
  await after.until(() => after.offset === session.recordedBytes);
  const lines = (output + after.output).trim().split("\r\n");
  assert.deepEqual(lines, lines.map((_, index) => `line ${index + 1}`));
  assert.equal(new TextDecoder().decode(await again.recording(id)), output + after.output);
  await after.close();
});

test("what ended while no server was there is told with its true end", async ({ start, workDirectory }) => {
  const program = await start();
  const api = await ApiClient.signIn(program.printedUrl);
  const { id } = await api.launch({
    cwd: workDirectory,
    command: `sh -c 'echo up; while [ ! -e go ]; do sleep 0.01; done; echo last word; exit 5'`,
  });
  const terminal = await api.openTerminal(id);
  await terminal.untilOutput("up");
  await program.kill();
  await Deno.writeTextFile(`${workDirectory}/go`, "");
  const again = await ApiClient.signIn((await start()).printedUrl);
  const session = await again.waitForEnd(id);
  assert.deepEqual([session.endReason, session.exitCode], ["exited", 5]);
  assert.match(new TextDecoder().decode(await again.recording(id)), /last word/);
});

test("when the holder is killed its sessions are interrupted, survivors are found, and new ones start", async ({ start, dataDirectory, workDirectory }) => {
  const api = await ApiClient.signIn((await start()).printedUrl);
  const { id } = await api.launch({
    cwd: workDirectory,
    command: `sh -c 'trap "" HUP; echo up; sleep 1000 & wait'`,
  });
  const terminal = await api.openTerminal(id);
  await terminal.untilOutput("up");
  await new Promise((resolve) => setTimeout(resolve, 200));
  const [holderPid = 0] = listHolderPids(dataDirectory);
  Deno.kill(holderPid, "SIGKILL");
  const session = await api.waitForEnd(id);
  assert.equal(session.endReason, "crash");
  assert.match(new TextDecoder().decode(await api.recording(id)), /up/);
  const { items } = await api.call<{ items: SurvivorView[] }>("/api/survivors");
  assert.ok(items.length > 0 && items.every(({ sessionId }) => sessionId === id));
  const pids = items.map(({ pid }) => pid);
  const { ended } = await api.call<{ ended: number[] }>("/api/survivors/end", {
    method: "POST",
    body: { pids },
  });
  assert.deepEqual(ended.sort(), pids.sort());
  assert.deepEqual((await api.call<{ items: SurvivorView[] }>("/api/survivors")).items, []);
  const next = await api.launch({ cwd: workDirectory, command: "echo again" });
  assert.equal((await api.waitForEnd(next.id)).exitCode, 0);
});

test("Ctrl-C ends the server, leaves its sessions running and says so", async ({ start, workDirectory }) => {
  const program = await start();
  const api = await ApiClient.signIn(program.printedUrl);
  const { id } = await api.launch({ cwd: workDirectory, command: "sleep 1000" });
  assert.equal(await program.stop(), 0);
  assert.match(program.output(), /1 session goes on/);
  const again = await ApiClient.signIn((await start()).printedUrl);
  assert.equal((await again.waitFor(id, ({ pid }) => pid !== undefined)).lifecycle, "running");
  await again.call(`/api/sessions/${id}/stop`, { method: "POST" });
  await again.waitForEnd(id);
});

test("a backup taken while a session writes is verified, and restores into what was there", async ({ start, dataDirectory, workDirectory }) => {
  const program = await start();
  const api = await ApiClient.signIn(program.printedUrl);
  const done = await api.launch({ cwd: workDirectory, command: "echo kept for later" });
  await api.waitForEnd(done.id);
  await api.launch({ cwd: workDirectory, command: "sh -c 'while :; do echo tick; sleep 0.01; done'" });
  const file = `${workDirectory}/all.tar`;
  const backup = await runProgram(["backup", file, "--data", dataDirectory]);
  assert.match(backup.output, /read back and verified/);
  assert.equal((Deno.statSync(file).mode ?? 0) & 0o077, 0);
  assert.equal((await runProgram(["restore", file, "--data", dataDirectory])).code, 1);
  const elsewhere = `${workDirectory}/restored`;
  assert.equal((await runProgram(["restore", file, "--data", elsewhere])).code, 0);
  assert.equal((await runProgram(["restore", file, "--data", elsewhere])).code, 3);
  const restored = await startProgram({ dataDirectory: elsewhere });
  const again = await ApiClient.signIn(restored.printedUrl);
  assert.match(new TextDecoder().decode(await again.recording(done.id)), /kept for later/);
  await restored.stop();
  await endHolders(elsewhere);
});
