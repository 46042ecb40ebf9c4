import assert from "node:assert/strict";
import { RecordingStore } from "../store/recordings.ts";
import {
  type CompactionReply,
  type CompactionRequest,
  type CompactionWorker,
  Compactor,
  startCompactionWorker,
} from "./compactor.ts";
import { Recorder } from "./recorder.ts";

/** Does nothing but remember what it was asked. */
class FakeWorker implements CompactionWorker {
  onmessage: ((event: MessageEvent<CompactionReply>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly requests: CompactionRequest["type"][] = [];
  terminated = false;
  asked = Promise.withResolvers<void>();

  postMessage(message: CompactionRequest): void {
    this.requests.push(message.type);
    this.asked.resolve();
    if (message.type === "stop") this.reply({ type: "stopped" });
  }

  reply(data: CompactionReply): void {
    this.onmessage?.(new MessageEvent("message", { data }));
  }

  terminate(): void {
    this.terminated = true;
  }
}

function openFake(): {
  compactor: Compactor;
  workers: FakeWorker[];
  errors: string[];
  checkpoints: number[];
} {
  const workers: FakeWorker[] = [];
  const errors: string[] = [];
  const checkpoints: number[] = [];
  const compactor = new Compactor({
    path: "none",
    capBytes: 1,
    startWorker: () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker;
    },
    onError: (message) => errors.push(message),
    checkpoint: () => checkpoints.push(1),
  });
  return { compactor, workers, errors, checkpoints };
}

async function firstRequest(workers: FakeWorker[]): Promise<FakeWorker> {
  while (workers.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const worker = workers[0];
  assert.ok(worker);
  await worker.asked.promise;
  return worker;
}

Deno.test("a little output starts no worker, a lot does", async () => {
  const { compactor, workers } = openFake();
  compactor.noteStored({ bytes: 1000, blocks: 2, ended: 0 });
  assert.equal(workers.length, 0);
  compactor.noteStored({ bytes: 20_000_000, blocks: 2, ended: 0 });
  const worker = await firstRequest(workers);
  assert.deepEqual(worker.requests, ["run"]);
  await compactor.close();
  assert.deepEqual(worker.requests, ["run", "stop"]);
  assert.ok(worker.terminated);
});

Deno.test("what comes while a pass runs is done by the same worker afterwards", async () => {
  const { compactor, workers } = openFake();
  compactor.runWithin(0);
  const worker = await firstRequest(workers);
  worker.asked = Promise.withResolvers();
  compactor.noteStored({ bytes: 20_000_000, blocks: 2, ended: 0 });
  worker.reply({ type: "done" });
  await worker.asked.promise;
  assert.deepEqual(worker.requests, ["run", "run"]);
  await compactor.close();
  assert.equal(workers.length, 1);
});

Deno.test("a worker that fails is ended, the log written back here, and nothing is tried at once", async () => {
  const { compactor, workers, errors, checkpoints } = openFake();
  compactor.runWithin(0);
  const worker = await firstRequest(workers);
  worker.reply({ type: "failed", message: "disk I/O error" });
  compactor.runSoon();
  assert.deepEqual(errors, ["disk I/O error"]);
  assert.equal(checkpoints.length, 1);
  await compactor.close();
  assert.ok(worker.terminated);
  assert.equal(workers.length, 1);
});

Deno.test("a check that is broken off by the end says so", async () => {
  const { compactor, workers } = openFake();
  const check = compactor.check("full");
  await compactor.close();
  await assert.rejects(check, /broken off/);
  assert.deepEqual(workers[0]?.requests, ["check", "stop"]);
});

Deno.test("the worker merges what a recorder stores, while it goes on storing", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/recordings.sqlite`;
  const store = new RecordingStore(path);
  const passed = Promise.withResolvers<void>();
  const errors: unknown[] = [];
  let nowMs = Date.now() - 3_600_000;
  const recorder = new Recorder({ store, now: () => nowMs, onError: (cause) => errors.push(cause) });
  const recording = recorder.start({ session: "a", cols: 80, rows: 24 });
  const line = new TextEncoder().encode("all work and no play makes a dull session\r\n");
  const write = (): void => {
    nowMs += 100;
    recording.append(line);
    recorder.flush();
  };
  for (let n = 0; n < 3000; n++) write();
  const compactor = new Compactor({
    path,
    capBytes: 1e9,
    startWorker: () => {
      const worker = startCompactionWorker();
      const observed: CompactionWorker = {
        onmessage: null,
        onerror: null,
        postMessage: (message) => worker.postMessage(message),
        terminate: () => worker.terminate(),
      };
      worker.onerror = (event) => observed.onerror?.(event);
      worker.onmessage = (event) => {
        observed.onmessage?.(event);
        if (event.data.type === "done") passed.resolve();
      };
      return observed;
    },
    onError: (message) => errors.push(message),
    checkpoint: () => {},
  });
  compactor.runWithin(0);
  const writing = setInterval(write, 1);
  await passed.promise;
  clearInterval(writing);
  assert.deepEqual(await compactor.check("full"), []);
  await compactor.close();
  const blocks = store.blocks.list(recording.id);
  assert.ok(blocks.some(({ parts }) => parts >= 1000), "something was merged");
  const text = new TextDecoder().decode(recording.read(0, recording.end));
  assert.equal(text, new TextDecoder().decode(line).repeat(recording.end / line.length));
  assert.deepEqual(errors, []);
  recorder.close();
  store.close();
  await Deno.remove(directory, { recursive: true });
});
