// The holder with real terminals, in this process, through the same interface that the server uses.
import assert from "node:assert/strict";
import { DataDirectory } from "../data_directory.ts";
import { AppError } from "../errors.ts";
import { createLog } from "../log.ts";
import type { HolderApi, HolderEvent, SpawnCall } from "./api.ts";
import type { Holder } from "./holder.ts";
import { createHolder } from "./main.ts";

interface Scene {
  holder: Holder;
  api: HolderApi;
  events: HolderEvent[];
  /** Starts a shell script and answers its session. */
  spawn(script: string, options?: Partial<SpawnCall>): Promise<string>;
  /** Resolves with the first event that fits. */
  waitFor<Type extends HolderEvent["type"]>(
    type: Type,
    fits?: (event: Extract<HolderEvent, { type: Type }>) => boolean,
  ): Promise<Extract<HolderEvent, { type: Type }>>;
  text(session: string): Promise<string>;
}

function test(name: string, work: (scene: Scene) => Promise<void>): void {
  Deno.test(name, async () => {
    const directory = await Deno.makeTempDir();
    const data = DataDirectory.open(directory);
    const { holder, close } = createHolder({ data, log: createLog("error"), ownsAllRecordings: true });
    const events: HolderEvent[] = [];
    const waiting = new Set<() => void>();
    const api = holder.connect((event) => {
      events.push(event);
      for (const look of waiting) look();
    });
    try {
      await work({
        holder,
        api,
        events,
        spawn: async (script, options) => {
          const session = crypto.randomUUID();
          const env = { PATH: "/usr/bin:/bin", TERM: "xterm-256color" };
          await api.spawn({
            session,
            argv: ["/bin/sh", "-c", script],
            cwd: "/tmp",
            env,
            cols: 80,
            rows: 24,
            ...options,
          });
          return session;
        },
        waitFor: (type, fits = () => true) =>
          new Promise((resolve) => {
            const look = (): void => {
              const event = events.find((event) => event.type === type && fits(event as never));
              if (!event) return;
              waiting.delete(look);
              resolve(event as never);
            };
            waiting.add(look);
            look();
          }),
        text: async (session) =>
          new TextDecoder().decode(await api.read({ session, from: 0, maxBytes: 1e6 })),
      });
    } finally {
      for (const { session } of await api.listRunning()) await api.kill({ session });
      await close();
      await Deno.remove(directory, { recursive: true });
    }
  });
}

test("bells are told with growth, notifications and reports as they come", async ({ api, spawn, waitFor, events }) => {
  const say = "printf '\\033]0;title\\007\\033]9;hello\\007\\033]7501;state=working\\007'";
  const session = await spawn(`${say}; printf '\\a\\a\\a'; read line`);
  await waitFor("bell");
  assert.equal(events.filter(({ type }) => type === "bell").length, 1);
  const said = events.flatMap((event) =>
    event.type === "activity" ? [[event.activity, event.isNotification]] : []
  );
  assert.deepEqual(said, [["needs_you", true], ["working", undefined]]);
  assert.equal((await api.listRunning()).find((each) => each.session === session)?.activity, "working");
});

test("an end is kept until it was acknowledged", async ({ api, spawn, waitFor }) => {
  const session = await spawn("echo bye; exit 4");
  const { exit } = await waitFor("exit");
  assert.deepEqual([exit.session, exit.code, exit.offset], [session, 4, 5]);
  assert.deepEqual((await api.listExits()).map(({ code }) => code), [4]);
  await api.acknowledgeExit({ session });
  assert.deepEqual(await api.listExits(), []);
});

test("an end that cannot be stored yet is told all the same, and so is the pause", async ({ holder, api, spawn, waitFor }) => {
  const session = await spawn("read line; echo bye; exit 4");
  assert.deepEqual(holder.standing(), [{ type: "recording_resumed", lost: [] }]);
  const transaction = holder.store.transaction.bind(holder.store);
  holder.store.transaction = () => {
    throw Object.assign(new Error("database or disk is full"), { errcode: 13 });
  };
  await api.write({ session, bytes: new TextEncoder().encode("x\n") });
  await waitFor("recording_paused");
  assert.deepEqual(holder.standing(), [{ type: "recording_paused", reason: "database or disk is full" }]);
  await waitFor("exit");
  assert.deepEqual((await api.listExits()).map(({ code }) => code), [4]);
  holder.store.transaction = transaction;
  await waitFor("recording_resumed");
  assert.deepEqual((await api.listExits()).map(({ code }) => code), [4], "once");
  await api.acknowledgeExit({ session });
  assert.deepEqual(await api.listExits(), []);
});

test("a paused session stands still, says so, and goes on where it was", async ({ api, spawn, waitFor, text }) => {
  const session = await spawn("n=0; while :; do n=$((n+1)); echo tick $n; sleep 0.01; done");
  await waitFor("grown");
  await api.pause({ session, reason: "for a test" });
  assert.equal((await api.listRunning())[0]?.paused, true);
  const stopped = (await text(session)).match(/tick (\d+)\r\n(?!.*tick)/s)?.[1];
  assert.match(await text(session), /Agents Fleet.*Paused: for a test/);
  await api.resume({ session });
  await waitFor("paused", ({ paused }) => !paused);
  await waitFor("grown", ({ offset }) => offset > 2000);
  assert.match(await text(session), new RegExp(`tick ${Number(stopped) + 1}\r\n`));
});

test("only sessions that ask for it are paused when nobody supervises them", async ({ holder, api, spawn }) => {
  const limited = await spawn("sleep 100", { pauseUnsupervised: true });
  await spawn("sleep 100");
  holder.pauseUnsupervised();
  const paused = (await api.listRunning()).filter(({ paused }) => paused).map(({ session }) => session);
  assert.deepEqual(paused, [limited]);
});

test("a session that was started before is not started again", async ({ spawn }) => {
  const session = await spawn("exit 0");
  await assert.rejects(
    spawn("exit 0", { session }),
    (cause) => cause instanceof AppError && cause.code === "conflict",
  );
});

test("what is asked of a session that is unknown or over is refused with its own code", async ({ api, spawn, waitFor }) => {
  const session = await spawn("exit 0");
  await waitFor("exit");
  const bytes = new Uint8Array(1);
  const refusal = (code: string) => (cause: unknown): boolean =>
    cause instanceof AppError && cause.code === code;
  await assert.rejects(api.write({ session, bytes }), refusal("conflict"));
  await assert.rejects(api.write({ session: "none", bytes }), refusal("not_found"));
  await assert.rejects(api.attach({ channel: 1, session: "none" }), refusal("not_found"));
  await assert.rejects(api.timeline({ session: "none" }), refusal("not_found"));
});

test("a recording is deleted only after its end", async ({ api, spawn, waitFor }) => {
  const session = await spawn("read line");
  await assert.rejects(api.delete({ session }), /stop it first/);
  await api.write({ session, bytes: new TextEncoder().encode("x\n") });
  await waitFor("exit");
  await api.delete({ session });
  await assert.rejects(api.timeline({ session }), /Cannot find/);
});

test("the last screen of a full-screen program stays findable", async ({ api, spawn, waitFor }) => {
  const session = await spawn(
    "printf '\\033[?1049h\\033[2J\\033[Hfull screen'; printf '\\033[?1049l'; echo after",
  );
  await waitFor("exit");
  const giveUpAtMs = Date.now() + 60_000;
  let lastScreenOffset: number | undefined;
  while (lastScreenOffset === undefined && Date.now() < giveUpAtMs) {
    ({ lastScreenOffset } = await api.timeline({ session }));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const keyframe = await api.keyframe({ session, offset: lastScreenOffset ?? 0 });
  assert.match(keyframe?.ansi ?? "", /full screen/);
});

test("a child that outlives its session's program is counted and can be ended", async ({ api, spawn, waitFor }) => {
  const session = await spawn("trap '' HUP; sleep 100 & exit 0");
  await waitFor("exit");
  assert.ok(await api.countProcesses({ session }) > 0);
  assert.equal(await api.kill({ session }), 0);
  assert.equal(await api.countProcesses({ session }), 0);
});

test("what a program reports of itself is told, with its question", async ({ spawn, waitFor }) => {
  const message = btoa("approve Bash: ls");
  await spawn(`printf '\\033]7501;state=blocked:app=x:kind=permission:msg=${message}\\033\\\\'; sleep 100`);
  const { activity, question } = await waitFor("activity");
  assert.deepEqual([activity, question], ["needs_you", "approve Bash: ls"]);
});

test("a notification means that the program wants the user", async ({ spawn, waitFor }) => {
  await spawn("printf '\\033]777;notify;Build;finished\\007'; sleep 100");
  const { activity, question } = await waitFor("activity");
  assert.deepEqual([activity, question], ["needs_you", "Build: finished"]);
});

test("a resize is told at once, also by a program that says nothing to it", async ({ api, spawn, waitFor }) => {
  const session = await spawn("echo ready; exec sleep 1000");
  await api.attach({ channel: 1, session });
  const { offset, bytes } = await waitFor("output");
  await api.acknowledge({ channel: 1, offset: offset + bytes.length });
  await api.resize({ session, cols: 100, rows: 40 });
  const { cols, rows } = await waitFor("resized");
  assert.deepEqual([cols, rows], [100, 40]);
  await api.kill({ session });
});
