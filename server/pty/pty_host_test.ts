// Programs in real terminals, served by poll and once more by the waiter and checks that macOS uses.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { LINUX, type Platform, platformFor } from "./constants.ts";
import { type Pty, PtyHost } from "./pty_host.ts";
import { TEST_ENVIRONMENT, TestSession, type TestSpawn } from "./testing/test_session.ts";
import { MAX_QUEUED_BYTES } from "./write_queue.ts";

const { pidfdOpenCall: _, ...withoutPidfd } = LINUX;
const LIKE_DARWIN: Platform = { ...withoutPidfd, waiter: "select" };

type Start = (options: TestSpawn) => TestSession;

/** Runs a test against both ways of waiting; checks that it left no descriptor behind. */
function testBothWays(name: string, body: (start: Start, host: PtyHost) => Promise<void>): void {
  for (const [way, platform] of [["poll", LINUX], ["select", LIKE_DARWIN]] as const) {
    Deno.test(`${name} (${way})`, async () => {
      const host = PtyHost.open({ platform });
      try {
        await body((options) => new TestSession(host, options), host);
      } finally {
        await host.close();
      }
    });
  }
}

function shell(script: string): TestSpawn {
  return { argv: ["sh", "-c", script] };
}

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

async function readIfThere(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    // The process has just gone.
    return "";
  }
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

testBothWays("200 short commands lose no last word", async (start) => {
  for (let batch = 0; batch < 20; batch++) {
    const sessions = Array.from(
      { length: 10 },
      (_, index) => start(shell(`echo first; printf last-${index}`)),
    );
    for (const [index, session] of sessions.entries()) {
      assert.deepEqual(await session.ended(), { code: 0 });
      assert.equal(session.text, `first\r\nlast-${index}`);
      assert.equal(session.lateChunks, 0);
    }
  }
});

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

testBothWays("10 MB of random bytes come out unchanged", async (start) => {
  const bytes = randomBytes(10_000_000);
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, bytes);
  const session = start({ argv: ["sh", "-c", 'stty raw -echo; exec cat "$1"', "sh", path] });
  await session.ended();
  await Deno.remove(path);
  assert.equal(session.byteCount, bytes.length);
  assert.equal(sha256(session.chunks), sha256([bytes]));
});

testBothWays(
  "10 MB of random bytes go in unchanged, and nothing more than the limit waits",
  async (start) => {
    const bytes = randomBytes(10_000_000);
    const session = start(shell(`stty raw -echo; echo ready; head -c ${bytes.length} | sha256sum`));
    await session.says(/ready/);
    let offset = 0;
    const feed = (): boolean => {
      while (offset < bytes.length && session.pty.write(bytes.subarray(offset, offset + 100_000))) {
        offset += 100_000;
      }
      assert.ok(session.pty.queuedBytes <= MAX_QUEUED_BYTES);
      return offset >= bytes.length;
    };
    await session.until(feed);
    await session.says(/[0-9a-f]{64}/);
    assert.ok(session.text.includes(sha256([bytes])));
    assert.ok(session.drains > 0);
    await session.ended();
  },
);

function sha256(chunks: Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

testBothWays("a paste into a program that does not read blocks nobody else", async (start) => {
  const deaf = start(shell("stty raw -echo; echo ready; sleep 1000"));
  await deaf.says(/ready/);
  const paste = new Uint8Array(100_000).fill(65);
  let taken = 0;
  while (deaf.pty.write(paste)) taken += paste.length;
  assert.ok(taken >= MAX_QUEUED_BYTES / 2);
  assert.equal(deaf.pty.write(new Uint8Array(MAX_QUEUED_BYTES + 1)), false);
  const other = start({ argv: ["cat"] });
  const startedAtMs = performance.now();
  for (let line = 0; line < 50; line++) {
    other.pty.write(`line ${line}\r`);
    await other.says(new RegExp(`line ${line}\r\nline ${line}\r\n`));
  }
  assert.ok(performance.now() - startedAtMs < 2000);
  assert.ok(deaf.pty.queuedBytes > 0);
  await deaf.end();
  await other.end();
  assert.equal(deaf.pty.queuedBytes, 0);
});

testBothWays("a paused program waits, and goes on without loss", async (start) => {
  const total = 3_000_000;
  const session = start(shell(`stty raw -echo; head -c ${total} /dev/zero`));
  await session.until(() => session.byteCount > 100_000);
  session.pty.pause();
  const atPause = session.byteCount;
  const other = start(shell("for i in 1 2 3 4 5; do echo tick; sleep 0.02; done"));
  await other.ended();
  assert.equal(session.byteCount, atPause);
  assert.equal(session.exit, undefined);
  session.pty.resume();
  await session.ended();
  assert.equal(session.byteCount, total);
});

testBothWays("an exit while paused is reported after the rest of the output", async (start) => {
  const session = start(shell("echo first; read x; echo last"));
  await session.says(/first/);
  session.pty.pause();
  session.pty.write("\r");
  await processGone(session.pty.pid);
  assert.equal(session.exit, undefined);
  session.pty.resume();
  assert.deepEqual(await session.ended(), { code: 0 });
  assert.match(session.text, /last\r\n$/);
});

/** Until a process has exited, reaped or not. */
async function processGone(pid: number): Promise<void> {
  let stat = "";
  do stat = await readIfThere(`/proc/${pid}/stat`); while (stat !== "" && !stat.includes(") Z "));
}

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

testBothWays("output can be read as a stream, which holds back a fast program", async (start) => {
  const session = start(shell("stty raw -echo; read x; head -c 3000000 /dev/zero"));
  const { readable } = session.pty;
  session.pty.write("\r\n");
  // The reader's high-water mark, which the bytes read may meet exactly.
  await session.until(() => session.byteCount >= 256 * 1024);
  assert.equal(session.pty.paused, true);
  let total = 0;
  for await (const chunk of readable) total += chunk.length;
  assert.equal(total, session.byteCount);
  await session.ended();
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
  const after = await resources();
  assert.deepEqual(after.descriptors, before.descriptors);
  assert.deepEqual(after.children, before.children);
  assert.ok(after.threads <= before.threads + 1, `${before.threads} threads became ${after.threads}`);
});

async function resources(): Promise<{ descriptors: number; children: string; threads: number }> {
  const threads = /Threads:\s+(\d+)/.exec(await Deno.readTextFile("/proc/self/status"))?.[1];
  return {
    descriptors: [...Deno.readDirSync("/proc/self/fd")].length,
    children: await Deno.readTextFile(`/proc/self/task/${Deno.pid}/children`),
    threads: Number(threads),
  };
}

testBothWays("a flooding session leaves its turn to others", async (start) => {
  const flood = start(shell("cat /dev/zero"));
  flood.onData = () => {};
  const echo = start({ argv: ["cat"] });
  const latenciesMs: number[] = [];
  for (let key = 0; key < 100; key++) {
    const startedAtMs = performance.now();
    echo.pty.write("x");
    await echo.until(() => echo.byteCount > key);
    latenciesMs.push(performance.now() - startedAtMs);
  }
  latenciesMs.sort((a, b) => a - b);
  assert.ok((latenciesMs[94] ?? Infinity) < 20, `p95 was ${latenciesMs[94]} ms`);
  await flood.end();
  await echo.end();
});

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
