// Programs in real terminals, served by poll and once more by the waiter and checks that macOS uses.

import assert from "node:assert/strict";
import { LINUX, platformFor } from "./constants.ts";
import { type Pty, PtyHost } from "./pty_host.ts";
import { processGone, readIfThere, shell, testBothWays } from "./testing/both_ways.ts";
import { TEST_ENVIRONMENT, TestSession } from "./testing/test_session.ts";

testBothWays("the terminal echoes what is typed and the program answers", async (start) => {
  const session = start({ argv: ["cat"] });
  assert.equal(session.pty.echo, true);
  assert.equal(session.pty.write("hello\r"), true);
  await session.says(/hello\r\nhello\r\n/);
  session.pty.write(new Uint8Array([4]));
  assert.deepEqual(await session.ended(), { code: 0 });
  assert.equal(session.pty.exitCode, 0);
});

testBothWays("the program starts with the size asked for and is told of a new one", async (start) => {
  const session = start({
    ...shell("trap 'stty size; exit' WINCH; stty size; while :; do sleep 0.01; done"),
    cols: 101,
    rows: 33,
  });
  await session.says(/33 101\r\n/);
  session.pty.resize(77, 20);
  await session.says(/20 77\r\n/);
  await session.ended();
});

testBothWays("sizes outside the limits are clamped", async (start) => {
  const session = start({ ...shell("stty size; read x; stty size; read x; stty size"), cols: 0, rows: -5 });
  await session.says(/^1 2\r\n/);
  session.pty.resize(65_536, 65_536);
  session.pty.write("\r");
  await session.says(/500 1000\r\n/);
  session.pty.resize(Number.NaN, 10.9);
  session.pty.write("\r");
  await session.says(/10 2\r\n/);
  await session.ended();
});

testBothWays("the terminal controls the session: ^C ends the job in front", async (start) => {
  const session = start(shell("tty; echo ready; exec sleep 100"));
  await session.says(/\/dev\/pts\/\d+\r\nready\r\n/);
  session.pty.write("\x03");
  assert.deepEqual(await session.ended(), { signal: "SIGINT" });
});

testBothWays("an interactive shell has job control", async (start) => {
  const session = start({
    argv: ["bash", "--norc", "--noprofile", "-i"],
    env: { ...TEST_ENVIRONMENT, PS1: "$ " },
  });
  await session.says(/\$ /);
  assert.doesNotMatch(session.text, /no job control/);
  session.pty.write("sleep 100\r");
  await foregroundIs("sleep", session.pty.pid);
  session.pty.write("\x1a");
  await session.says(/Stopped/);
  session.pty.write("fg\r");
  await foregroundIs("sleep", session.pty.pid);
  session.pty.write("\x03");
  await foregroundIs("bash", session.pty.pid);
  session.pty.write("exit 5\r");
  assert.deepEqual(await session.ended(), { code: 5 });
});

/** Until the terminal's foreground job runs this program. */
async function foregroundIs(name: string, leaderPid: number): Promise<void> {
  let found = "";
  for (let look = 0; look < 10_000 && found !== name; look++) {
    const stat = await Deno.readTextFile(`/proc/${leaderPid}/stat`);
    const foreground = stat.split(") ")[1]?.split(" ")[5];
    found = (await readIfThere(`/proc/${foreground}/comm`)).trim();
  }
  assert.equal(found, name);
}

testBothWays("exit codes and signals are told apart", async (start) => {
  assert.deepEqual(await start(shell("exit 3")).ended(), { code: 3 });
  assert.deepEqual(await start(shell("kill -KILL $$")).ended(), { signal: "SIGKILL" });
  assert.deepEqual(await start(shell("kill -ABRT $$")).ended(), { signal: "SIGABRT" });
});

testBothWays("kill signals the leader, and nobody after the exit", async (start) => {
  const session = start(shell("trap 'exit 9' USR1; echo ready; while :; do sleep 0.01; done"));
  await session.says(/ready/);
  session.pty.kill("SIGUSR1");
  assert.deepEqual(await session.ended(), { code: 9 });
  session.pty.kill("SIGKILL");
});

testBothWays("a program that does not exist is 127 and a failure", async (start) => {
  const session = start({ argv: ["no-such-program", "x"] });
  assert.deepEqual(await session.ended(), { code: 127, failure: "no_program" });
  assert.match(session.text, /command not found: no-such-program\r\n/);
  assert.deepEqual(await start({ argv: ["./missing"] }).ended(), { code: 127, failure: "no_program" });
  assert.deepEqual(await start(shell("exit 127")).ended(), { code: 127 });
});

testBothWays("a directory that has vanished is told apart", async (start) => {
  const cwd = await Deno.makeTempDir();
  await Deno.remove(cwd);
  const session = start({ ...shell("echo not reached"), cwd });
  assert.deepEqual(await session.ended(), { code: 126, failure: "no_directory" });
  assert.doesNotMatch(session.text, /not reached/);
});

testBothWays("arguments, directory and environment arrive as given", async (start) => {
  const parent = await Deno.realPath(await Deno.makeTempDir());
  const cwd = `${parent}/it's $(a) "dir"`;
  await Deno.mkdir(cwd);
  const env = {
    ...TEST_ENVIRONMENT,
    EMPTY: "",
    QUOTED: `a'b"c $HOME \n`,
    "BASH_FUNC_cd%%": "() { echo hijacked; }",
    "x.y": "1",
  };
  const program =
    "import json,os,sys; print(json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]), end='@')";
  const args = ["", "$(id)", "a b", "'", "ü", "--"];
  const python = await new Deno.Command("python3", { args: ["-c", "import sys; print(sys.executable)"] })
    .output();
  const session = start({
    argv: [new TextDecoder().decode(python.stdout).trim(), "-c", program, ...args],
    cwd,
    env,
  });
  await session.ended();
  const [argv, directory, environment] = JSON.parse(session.text.replaceAll("\r\n", "").split("@")[0] ?? "");
  assert.deepEqual(argv, args);
  assert.equal(directory, cwd);
  const { PWD, SHLVL: _level, _: _last, ...rest } = environment;
  assert.equal(PWD, cwd);
  assert.deepEqual(rest, env);
  await Deno.remove(cwd);
});

testBothWays(
  "the program has descriptors 0 to 2 only, default signals and the umask asked for",
  async (start) => {
    const listing = start({ argv: ["ls", "/proc/self/fd"] });
    await listing.ended();
    // The fourth is the directory that ls itself reads.
    assert.deepEqual(listing.text.trim().split(/\s+/), ["0", "1", "2", "3"]);
    const status = start({ argv: ["cat", "/proc/self/status"], umask: 0o027 });
    await status.ended();
    for (const set of ["SigBlk", "SigIgn", "SigCgt"]) {
      assert.match(
        status.text,
        new RegExp(`${set}:\\s+0+\\r\\n`),
      );
    }
    assert.match(status.text, /Umask:\s+0027/);
    const inherited = start({ argv: ["grep", "Umask", "/proc/self/status"] });
    await inherited.ended();
    const [ours] = /Umask:\s+\d+/.exec(await Deno.readTextFile("/proc/self/status")) ?? [];
    assert.equal(inherited.text.trim(), ours);
  },
);

testBothWays("the exit is noticed while a child left behind holds the terminal", async (start) => {
  const session = start(shell("trap '' HUP; sleep 1000 & echo child $!; exit 4"));
  assert.deepEqual(await session.ended(), { code: 4 });
  const [, child = "0"] = await session.says(/child (\d+)\r\n/);
  Deno.kill(Number(child), "SIGKILL");
});

testBothWays("the exit is reported while a child left behind floods the terminal", async (start) => {
  const session = start(shell("trap '' HUP; cat /dev/zero & echo child $!; exit 4"));
  assert.deepEqual(await session.ended(), { code: 4 });
  const [, child = "0"] = await session.says(/child (\d+)\r\n/);
  Deno.kill(Number(child), "SIGKILL");
});

testBothWays("a leader that leaves its terminal and comes back is still heard", async (start) => {
  const session = start(shell("exec </dev/null >/dev/null 2>&1; sleep 0.3; echo back >/dev/tty; exit 6"));
  assert.deepEqual(await session.ended(), { code: 6 });
  assert.match(session.text, /back/);
});

/** Until a process has exited, reaped or not. */
testBothWays("password prompts are told from editors that echo themselves", async (start) => {
  const password = start(shell("stty -echo; echo ready; read secret; stty raw; echo next; read x"));
  await password.says(/ready/);
  assert.deepEqual([password.pty.echo, password.pty.hidesInput], [false, true]);
  password.pty.write("secret\r");
  await password.says(/next/);
  assert.deepEqual([password.pty.echo, password.pty.hidesInput], [false, false]);
  await password.end();
});

testBothWays("closing hangs up, and the exit is still reported", async (start) => {
  const session = start(shell("echo ready; sleep 1000"));
  await session.says(/ready/);
  session.pty.close();
  session.pty.close();
  assert.equal(session.pty.closed, true);
  assert.deepEqual(await session.pty.exited, { signal: "SIGHUP" });
  assert.equal(session.pty.write("x"), true);
  session.pty.resize(80, 24);
});

testBothWays("a listener that throws harms no session", async (start, host) => {
  const errors: unknown[] = [];
  const onError = (event: ErrorEvent): void => {
    event.preventDefault();
    errors.push(event.error);
  };
  addEventListener("error", onError);
  const failure = new Error("from a listener");
  const throwing: Pty = host.spawn(
    { ...shell("echo x"), cwd: "/", env: TEST_ENVIRONMENT, cols: 80, rows: 24 },
    {
      onData: () => {
        throw failure;
      },
      onExit: () => {},
    },
  );
  const session = start(shell("echo fine"));
  await session.ended();
  await throwing.exited;
  throwing.close();
  removeEventListener("error", onError);
  assert.match(session.text, /fine/);
  assert.deepEqual(errors, [failure]);
});

testBothWays("100 sessions leave no descriptor, thread or zombie behind", async (start) => {
  await start(shell("true")).ended();
  const before = await resources();
  for (let batch = 0; batch < 10; batch++) {
    const sessions = Array.from({ length: 10 }, () => start(shell("echo x")));
    for (const session of sessions) await session.ended();
  }
  // What earlier tests left may be closing meanwhile, in this same process; what leaks stays.
  const giveUpAtMs = Date.now() + 20_000;
  let after = await resources();
  while (hasMore(after, before) && Date.now() < giveUpAtMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    after = await resources();
  }
  assert.ok(!hasMore(after, before), `${JSON.stringify(before)} became ${JSON.stringify(after)}`);
});

interface Resources {
  descriptors: number;
  /** Process ids. */
  children: string[];
  threads: number;
}

function hasMore(after: Resources, before: Resources): boolean {
  return after.descriptors > before.descriptors || after.threads > before.threads + 1 ||
    after.children.some((pid) => !before.children.includes(pid));
}

async function resources(): Promise<Resources> {
  const threads = /Threads:\s+(\d+)/.exec(await Deno.readTextFile("/proc/self/status"))?.[1];
  return {
    descriptors: [...Deno.readDirSync("/proc/self/fd")].length,
    children: (await Deno.readTextFile(`/proc/self/task/${Deno.pid}/children`)).split(" ").filter(Boolean),
    threads: Number(threads),
  };
}

Deno.test("a host with nothing to do does nothing", async () => {
  let rounds = 0;
  const now = (): number => {
    rounds++;
    return performance.now();
  };
  const host = PtyHost.open({ now });
  const idle = new TestSession(host, { argv: ["cat"] });
  const deaf = new TestSession(host, shell("stty raw -echo; echo ready; sleep 1000"));
  const paused = new TestSession(host, shell("echo ready; cat /dev/zero"));
  const gone = new TestSession(host, shell("exec </dev/null 2>&1; echo ready; exec >/dev/null; sleep 1000"));
  for (const session of [deaf, paused, gone]) await session.says(/ready/);
  while (deaf.pty.write(new Uint8Array(100_000)));
  for (const session of [paused, gone]) session.pty.pause();
  await new TestSession(host, shell("sleep 0.3")).ended();
  rounds = 0;
  await new TestSession(host, shell("sleep 0.3")).ended();
  assert.ok(rounds < 30, `${rounds} rounds in 0.3 s`);
  for (const session of [idle, deaf, paused, gone]) {
    session.onData = () => {};
    await session.end();
  }
  await host.close();
});

testBothWays("what no system can start is refused", (start) => {
  for (const argv of [[], [""], ["-x"], ["a\0b"]]) assert.throws(() => start({ argv }), { code: "invalid" });
  assert.throws(() => start({ argv: ["true"], cwd: "relative" }), { code: "invalid", field: "cwd" });
  assert.throws(() => start({ argv: ["true"], env: { A: "\0" } }), { code: "invalid" });
  return Promise.resolve();
});

Deno.test("a closed host starts nothing and hangs up what runs", async () => {
  const host = PtyHost.open();
  const session = new TestSession(host, shell("echo ready; sleep 1000"));
  await session.says(/ready/);
  await host.close();
  await host.close();
  assert.throws(() => new TestSession(host, shell("true")), { code: "unavailable" });
  await processGone(session.pty.pid);
});

Deno.test("PtyHost.open() says what to do where terminals are not supported", () => {
  assert.throws(() => platformFor("windows"), { code: "unavailable", message: /inside WSL/ });
  assert.throws(() => platformFor("aix"), { code: "unavailable", message: /"aix"/ });
  assert.equal(platformFor("linux"), LINUX);
});
