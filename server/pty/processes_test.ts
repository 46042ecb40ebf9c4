// Sessions of a data directory: marked, followed, and found by a later run.

import assert from "node:assert/strict";
import { createProcesses, Processes } from "./processes.ts";
import { PtyHost } from "./pty_host.ts";
import { FakeProcesses } from "./testing/fake_processes.ts";
import { TEST_ENVIRONMENT, TestSession } from "./testing/test_session.ts";

const real = { ignore: Deno.build.os !== "linux" };

Deno.test("survivors of a session are found by the data directory and ended", real, async () => {
  const id = crypto.randomUUID();
  const host = PtyHost.open();
  const session = new TestSession(host, {
    argv: ["sh", "-c", "trap '' HUP TERM; setsid sleep 1000 & echo ready $!; sleep 1000"],
    env: { ...TEST_ENVIRONMENT, ...createProcesses(id).mark("s1") },
  });
  const [, daemon] = await session.says(/ready (\d+)/);
  await host.close();
  const later = createProcesses(id);
  const survivors = later.find();
  assert.ok(survivors.some(({ pid }) => pid === Number(daemon)));
  assert.deepEqual(new Set(survivors.map((survivor) => survivor.session)), new Set(["s1"]));
  assert.deepEqual(await later.end(survivors), survivors.map(({ pid }) => pid));
  assert.deepEqual(later.find(), []);
  assert.deepEqual(createProcesses("other").find(), []);
});

Deno.test("a survivor whose pid was given to a stranger is left alone and counts as gone", async () => {
  const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
  assert.deepEqual(await createProcesses("x").end([{ pid: child.pid, startTime: "1" }]), [child.pid]);
  child.kill("SIGKILL");
  assert.equal((await child.status).signal, "SIGKILL");
});

Deno.test("scan() counts by one shared list, and believes zero only after a full search", () => {
  const source = new FakeProcesses();
  let lists = 0;
  const list = source.list.bind(source);
  source.list = () => {
    lists++;
    return list();
  };
  source.add({ pid: 10_000 });
  source.add({ pid: 20_000 });
  let nowMs = 0;
  const processes = new Processes({ dataDirectoryId: "data", source, now: () => nowMs });
  const one = processes.track({ pid: 10_000, session: "one" });
  const two = processes.track({ pid: 20_000, session: "two" });
  lists = 0;
  assert.deepEqual([one.scan(), two.scan(), lists], [1, 1, 1]);
  source.remove(10_000);
  source.add({ pid: 30_000 });
  source.environments.set(30_000, processes.mark("one"));
  nowMs = 1000;
  assert.deepEqual([one.scan(), two.scan()], [1, 1]);
});
