// The server's side of holders, with holders in this process behind real sockets.
import assert from "node:assert/strict";
import { DataDirectory } from "../data_directory.ts";
import { AppError } from "../errors.ts";
import { createLog } from "../log.ts";
import type { HolderEvent, SpawnCall } from "./api.ts";
import { removeHolderFile, socketPath, writeHolderFile } from "./holder_files.ts";
import { HolderPool } from "./holder_pool.ts";
import { HolderServer } from "./holder_server.ts";
import { createHolder } from "./main.ts";
import { StreamLink } from "./stream_link.ts";

interface TestHolder {
  id: string;
  socket: string;
  isAlive: () => boolean;
  version: string;
  clients: number;
  running: () => number;
  /** Clients can connect at any time; whether it answers them. */
  setAnswering(answering: boolean): void;
  close(): Promise<void>;
}

interface Scene {
  pool: HolderPool;
  holders: TestHolder[];
  events: HolderEvent[];
  replaced: () => number;
  log: string[];
  startHolder(version: string, silenceMs?: number): TestHolder;
  /** What starts a holder when there is none fails so often. */
  failStarts(times: number): void;
  openPool(version: string, deadlineMs?: number): HolderPool;
  spawn(script: string): Promise<string>;
  waitUntil(condition: () => boolean | Promise<boolean>): Promise<void>;
}

/** Long enough for a holder that answers. */
const SHORT_MS = 2000;
/** Far longer than a client that lives says nothing. */
const SILENCE_MS = 3000;
const SECRET = "a secret that is long enough";

function test(name: string, work: (scene: Scene) => Promise<void>): void {
  Deno.test(name, async () => {
    const data = DataDirectory.open(await Deno.makeTempDir());
    const holders: TestHolder[] = [];
    const events: HolderEvent[] = [];
    const log: string[] = [];
    let replaced = 0;
    let failures = 0;
    let pool: HolderPool | undefined;
    const scene: Scene = {
      get pool(): HolderPool {
        assert.ok(pool);
        return pool;
      },
      holders,
      events,
      log,
      replaced: () => replaced,
      startHolder: (version, silenceMs) => {
        const holder = startHolder(data, { version, isFirst: holders.length === 0, silenceMs });
        holders.push(holder);
        return holder;
      },
      failStarts: (times) => failures = times,
      openPool: (version, deadlineMs) =>
        pool = new HolderPool({
          dataDirectory: data.path,
          version,
          start: () => {
            if (failures-- > 0) return Promise.reject(new AppError("unavailable", "The disk is full"));
            scene.startHolder(version);
            return Promise.resolve();
          },
          onEvent: (event) => events.push(event),
          onReplaced: () => replaced++,
          heartbeatMs: 20,
          isAlive: (file) => Promise.resolve(holders.some(({ id, isAlive }) => id === file.id && isAlive())),
          ...(deadlineMs === undefined ? {} : { deadlineMs }),
          log: createLog("debug", (line) => log.push(line)),
        }),
      spawn: async (script) => {
        const session = crypto.randomUUID();
        const call: SpawnCall = {
          session,
          argv: ["/bin/sh", "-c", script],
          cwd: "/tmp",
          env: { PATH: "/usr/bin:/bin" },
          cols: 80,
          rows: 24,
        };
        await scene.pool.spawn(call);
        return session;
      },
      waitUntil: async (condition) => {
        const giveUpAtMs = Date.now() + 10_000;
        while (!await condition()) {
          assert.ok(Date.now() < giveUpAtMs, `waited in vain; the log says:\n${log.join("\n")}`);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      },
    };
    try {
      await work(scene);
    } finally {
      pool?.close();
      for (const holder of holders) await holder.close();
      await Deno.remove(data.path, { recursive: true });
    }
  });
}

function startHolder(
  data: DataDirectory,
  options: { version: string; isFirst: boolean; silenceMs: number | undefined },
): TestHolder {
  const log = createLog("error");
  const { holder, close } = createHolder({ data, log, ownsAllRecordings: options.isFirst });
  const id = crypto.randomUUID();
  const socket = socketPath(data.path, { id, temporaryDirectory: "/tmp" });
  const file = {
    id,
    pid: Deno.pid,
    socket,
    secret: SECRET,
    version: options.version,
    startedAtMs: Date.now(),
  };
  let closed = false;
  let answering = true;
  const unanswered: Deno.Conn[] = [];
  const test: TestHolder = {
    id,
    socket,
    isAlive: () => !closed,
    setAnswering: (is) => answering = is,
    version: options.version,
    clients: 0,
    running: () => holder.listRunning().length,
    close: async () => {
      if (closed) return;
      closed = true;
      for (const connection of unanswered) connection.close();
      listener.close();
      server.close();
      for (const { id } of holder.listRunning()) await holder.getGroup(id)?.kill();
      await close();
      removeHolderFile(data.path, file);
    },
  };
  const server = new HolderServer({
    holder,
    log,
    secret: SECRET,
    version: options.version,
    ...(options.silenceMs === undefined ? {} : { silenceMs: options.silenceMs }),
    onClients: (count) => test.clients = count,
  });
  const listener = Deno.listen({ transport: "unix", path: socket });
  void server.serve(onlyAnswered(listener, (connection) => answering || void unanswered.push(connection)));
  writeHolderFile(data.path, file);
  return test;
}

/** Connections that a predicate lets through; the others are left waiting. */
async function* onlyAnswered(
  listener: Deno.Listener,
  isAnswered: (connection: Deno.Conn) => boolean | void,
): AsyncGenerator<Deno.Conn> {
  for await (const connection of listener) if (isAnswered(connection)) yield connection;
}

test("a server that connects learns whether recording is paused", async ({ openPool, startHolder, events, waitUntil }) => {
  startHolder("1");
  await openPool("1").listRunning();
  await waitUntil(() => events.some(({ type }) => type === "recording_resumed"));
});

test("a holder is started when there is none, and used when there is one", async ({ openPool, spawn, holders, startHolder }) => {
  startHolder("1");
  openPool("1");
  await spawn("sleep 100");
  assert.deepEqual(holders.map((holder) => holder.running()), [1]);
});

test("whether a session is paused without a server can be changed while it runs", async ({ openPool, startHolder, spawn }) => {
  startHolder("1");
  const pool = openPool("1");
  const session = await spawn("sleep 100");
  const flags: unknown[] = [];
  for (const on of [true, false]) {
    await pool.setPauseUnsupervised({ session, on });
    flags.push((await pool.listRunning())[0]?.pauseUnsupervised);
  }
  assert.deepEqual(flags, [true, false]);
  await pool.setPauseUnsupervised({ session: "none of ours", on: true });
});

test("an older holder finishes what it holds, new sessions go to one of our version", async ({ openPool, spawn, holders, startHolder, waitUntil, events }) => {
  startHolder("1");
  const old = openPool("1");
  const first = await spawn("read line; exit 3");
  old.close();
  const pool = openPool("2");
  await spawn("sleep 100");
  assert.deepEqual(holders.map(({ version, running }) => [version, running()]), [["1", 1], ["2", 1]]);
  assert.deepEqual((await pool.listRunning()).length, 2);
  await pool.write({ session: first, bytes: new TextEncoder().encode("x\n") });
  await waitUntil(() => events.some((event) => event.type === "exit" && event.exit.code === 3));
  await pool.acknowledgeExit({ session: first });
  await waitUntil(() => holders[0]?.clients === 0);
  assert.equal(new TextDecoder().decode(await pool.read({ session: first, from: 0, maxBytes: 10 })), "x\r\n");
});

test("when its holder is lost, calls fail at once, another holder takes over and the server is told", async ({ openPool, spawn, holders, waitUntil, replaced }) => {
  const pool = openPool("1");
  const session = await spawn("sleep 100");
  await holders[0]?.close();
  await waitUntil(() => replaced() === 1);
  assert.equal(holders.length, 2);
  await assert.rejects(pool.write({ session, bytes: new Uint8Array(1) }));
  await spawn("sleep 100");
  assert.equal(holders[1]?.running(), 1);
});

test("a file of a holder that is gone is forgotten", async ({ openPool, startHolder, holders, spawn }) => {
  const holder = startHolder("1");
  openPool("1");
  await holder.close();
  await spawn("exit 0");
  assert.equal(holders.length, 2);
});

test("what a living holder holds that does not answer is not taken for lost, and is there again when it answers", async ({ openPool, startHolder, spawn, waitUntil, replaced, holders }) => {
  const holder = startHolder("1");
  const first = openPool("1");
  const session = await spawn("sleep 100");
  first.close();
  holder.setAnswering(false);
  const pool = openPool("1", SHORT_MS);
  await spawn("sleep 100");
  assert.deepEqual(holders.map(({ running }) => running()), [1, 1]);
  await assert.rejects(pool.listRunning(), { code: "unavailable" });
  await assert.rejects(pool.findSurvivors(), { code: "unavailable" });
  holder.setAnswering(true);
  await waitUntil(() => replaced() === 1);
  assert.equal((await pool.listRunning()).length, 2);
  await pool.resize({ session, cols: 100, rows: 30 });
});

test("what a holder held that never answered is known to be lost once its process is gone", async ({ openPool, startHolder, spawn, waitUntil, replaced }) => {
  const holder = startHolder("1");
  holder.setAnswering(false);
  const pool = openPool("1", SHORT_MS);
  await spawn("sleep 100");
  await assert.rejects(pool.listRunning(), { code: "unavailable" });
  await holder.close();
  await waitUntil(() => replaced() === 1);
  assert.equal((await pool.listRunning()).length, 1);
});

test("a holder that could not be started is started later, and calls say so until then", async ({ openPool, failStarts, spawn, replaced, waitUntil, holders }) => {
  failStarts(2);
  const pool = openPool("1");
  await assert.rejects(pool.listRunning(), { message: "The disk is full" });
  await waitUntil(() => replaced() === 1);
  await spawn("sleep 100");
  assert.deepEqual(holders.map(({ running }) => running()), [1]);
});

test("a client that says nothing any more is taken to be gone, one that only has nothing to ask is not", async ({ openPool, startHolder, waitUntil }) => {
  const holder = startHolder("1", SILENCE_MS);
  const pool = openPool("1");
  await pool.listRunning();
  const link = new StreamLink({
    connection: await Deno.connect({ transport: "unix", path: holder.socket }),
    onMessage: () => {},
    onClose: () => {},
  });
  link.send({ body: { hello: { secret: SECRET, version: "1", min: 1, max: 3 } } });
  await waitUntil(() => holder.clients === 2);
  await waitUntil(() => holder.clients === 1);
  await pool.listRunning();
  link.close();
});

test("a client that is older and says nothing by itself is left alone", async ({ startHolder, waitUntil }) => {
  const holder = startHolder("1", SILENCE_MS);
  const connect = async (max: number): Promise<StreamLink> => {
    const link = new StreamLink({
      connection: await Deno.connect({ transport: "unix", path: holder.socket }),
      onMessage: () => {},
      onClose: () => {},
    });
    link.send({ body: { hello: { secret: SECRET, version: "0", min: 1, max } } });
    return link;
  };
  const links = await Promise.all([connect(2), connect(3)]);
  await waitUntil(() => holder.clients === 2);
  await waitUntil(() => holder.clients === 1);
  for (const link of links) link.close();
  await waitUntil(() => holder.clients === 0);
});
