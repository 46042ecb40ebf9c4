// Holders that are played by a few lines over a real socket.
import assert from "node:assert/strict";
import { RemoteHolder } from "./remote_holder.ts";
import { StreamLink } from "./stream_link.ts";

interface Call {
  id: number;
  operation: string;
  call: unknown;
}

/** `answer` is given every call, and what sends an answer to it. */
function test(
  name: string,
  { protocol, deadlineMs, onSilence, answer, work }: {
    protocol: number;
    deadlineMs?: number;
    onSilence?: () => void;
    answer: (call: Call, send: (value: unknown) => void) => void;
    work: (holder: RemoteHolder) => Promise<void>;
  },
): void {
  Deno.test(name, async () => {
    const path = await Deno.makeTempFile();
    await Deno.remove(path);
    const listener = Deno.listen({ transport: "unix", path });
    const link = Promise.withResolvers<StreamLink>();
    const send = (body: unknown): void => void link.promise.then((link) => link.send({ body }));
    void listener.accept().then((connection) =>
      link.resolve(
        new StreamLink({
          connection,
          onMessage: ({ body }) => {
            const call = body as Call;
            if (call.id === undefined) send({ welcome: { protocol, version: "1", pid: 1 } });
            else answer(call, (value) => send({ id: call.id, value }));
          },
          onClose: () => {},
        }),
      )
    );
    const { holder } = await RemoteHolder.greet({
      connection: await Deno.connect({ transport: "unix", path }),
      secret: "s",
      version: "2",
      onEvent: () => {},
      onGone: () => {},
      heartbeatMs: 10,
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      ...(onSilence === undefined ? {} : { onSilence }),
    });
    try {
      await work(holder);
    } finally {
      holder.close();
      (await link.promise).close();
      listener.close();
    }
  });
}

const asked: string[] = [];
test("a holder that knows no changes of pausing is not asked for them, and goes on", {
  protocol: 1,
  answer: ({ operation }, send) => {
    asked.push(operation);
    send([]);
  },
  work: async (holder) => {
    await holder.setPauseUnsupervised({ session: "a", on: true });
    assert.deepEqual(await holder.listRunning(), []);
    assert.deepEqual(asked, ["listRunning"]);
  },
});

const killed = Promise.withResolvers<unknown>();
let sendSpawned: (() => void) | undefined;
test("a program that starts after its caller has given up is ended", {
  protocol: 2,
  deadlineMs: 300,
  answer: ({ operation, call }, send) => {
    if (operation === "spawn") sendSpawned = () => send({ pid: 1, startedAtMs: 1 });
    if (operation === "kill") killed.resolve(call);
  },
  work: async (holder) => {
    const call = { session: "a", argv: ["x"], cwd: "/", env: {}, cols: 80, rows: 24 };
    await assert.rejects(holder.spawn(call), { code: "unavailable" });
    sendSpawned?.();
    assert.deepEqual(await killed.promise, { session: "a" });
  },
});

let answering = false;
let changes = 0;
let onChange = (): void => {};
test("a holder that does not answer is said to be silent, until it answers", {
  protocol: 3,
  deadlineMs: 300,
  onSilence: () => {
    changes++;
    onChange();
  },
  answer: (_call, send) => {
    if (answering) send(undefined);
  },
  work: async (holder) => {
    const changed = async (count: number): Promise<void> => {
      while (changes < count) await new Promise<void>((resolve) => onChange = resolve);
    };
    await changed(1);
    assert.ok(holder.silent);
    answering = true;
    await changed(2);
    assert.ok(!holder.silent);
  },
});
