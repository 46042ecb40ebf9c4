import assert from "node:assert/strict";
import { AppError } from "../errors.ts";
import { backUp, restore, verifyBackup } from "./backup.ts";
import { FleetStore } from "./fleet_store.ts";
import { RecordingStore } from "./recordings.ts";

const NOW_MS = Date.parse("2026-03-04T05:06:07Z");
const now = (): number => NOW_MS;
const nowDate = (): Date => new Date(NOW_MS);

interface Scene {
  directory: string;
  data: string;
  target: string;
  fleet: FleetStore;
  recordings: RecordingStore;
}

/** A data directory in use. */
async function withData(work: (scene: Scene) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  const data = `${directory}/data`;
  await Deno.mkdir(data, { mode: 0o700 });
  for (const [name, text] of [["id", "abc"], ["secret", "very secret"], ["lock", ""]]) {
    await Deno.writeTextFile(`${data}/${name}`, text ?? "");
  }
  const fleet = new FleetStore(`${data}/fleet.sqlite`);
  fleet.settings.set({ weekStart: "monday" });
  const recordings = new RecordingStore(`${data}/recordings.sqlite`);
  const id = recordings.createRecording({ session: "a", startedAtMs: 1, cols: 80, rows: 24 });
  for (let n = 0; n < 100; n++) insertBlock(recordings, id, n);
  await work({ directory, data, target: `${directory}/fleet.backup`, fleet, recordings });
  fleet.close();
  recordings.close();
  await Deno.remove(directory, { recursive: true });
}

function insertBlock(store: RecordingStore, id: number, n: number): void {
  const data = new Uint8Array(20_000).fill(n);
  store.blocks.insert(id, { offset: n * 20_000, length: 20_000, atMs: n, codec: "raw", data, times: null });
}

function failsWith(code: string, text: RegExp): (thrown: unknown) => boolean {
  return (thrown) => thrown instanceof AppError && thrown.code === code && text.test(thrown.message);
}

Deno.test("a backup taken while everything is in use restores to the same", () =>
  withData(async ({ data, directory, target, recordings }) => {
    const manifest = await backUp({ dataDirectory: data, target, now });
    insertBlock(recordings, 1, 100);
    assert.deepEqual(manifest.files.map(({ name }) => name), ["fleet.sqlite", "recordings.sqlite", "id"]);
    assert.deepEqual(await verifyBackup(target), manifest);
    assert.equal(((await Deno.stat(target)).mode ?? 0) & 0o777, 0o600);
    const restored = `${directory}/restored`;
    assert.deepEqual(await restore({ source: target, dataDirectory: restored, force: false, now: nowDate }), {
      manifest,
    });
    const store = new RecordingStore(`${restored}/recordings.sqlite`);
    assert.equal(store.getEnd(1), 2_000_000);
    store.close();
    const fleet = new FleetStore(`${restored}/fleet.sqlite`);
    assert.deepEqual(fleet.settings.getAll(), { weekStart: "monday" });
    fleet.close();
    assert.equal(((await Deno.stat(restored)).mode ?? 0) & 0o777, 0o700);
  }));

Deno.test("the secret is not in a backup, and nothing else is left beside it", () =>
  withData(async ({ data, directory, target }) => {
    await backUp({ dataDirectory: data, target, now });
    assert.ok(!(new TextDecoder().decode(await Deno.readFile(target))).includes("very secret"));
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name).sort(), [
      "data",
      "fleet.backup",
    ]);
  }));

Deno.test("stores of git snapshots come back byte for byte, without what was being written", () =>
  withData(async ({ data, directory, target }) => {
    const store = `${data}/git/${"0f".repeat(16)}`;
    const files = { "HEAD": "ref\n", "objects/ab/cdef": "loose", "refs/keep/one": "tree\n" };
    for (const [name, text] of Object.entries({ ...files, "index.lock": "x", "objects/ab/tmp_obj_1": "x" })) {
      await Deno.mkdir(`${store}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${store}/${name}`, text);
    }
    await backUp({ dataDirectory: data, target, now });
    const restored = `${directory}/restored`;
    await restore({ source: target, dataDirectory: restored, force: false, now: nowDate });
    for (const [name, text] of Object.entries(files)) {
      assert.equal(await Deno.readTextFile(`${restored}/git/${"0f".repeat(16)}/${name}`), text);
    }
    assert.deepEqual([...Deno.readDirSync(`${restored}/git/${"0f".repeat(16)}/objects/ab`)].length, 1);
    assert.ok(![...Deno.readDirSync(restored)].some(({ name }) => name.endsWith(".tar")));
  }));

Deno.test("only the directory itself keeps its id: a copy elsewhere does not take the original's processes for its own", () =>
  withData(async ({ data, directory, target }) => {
    await backUp({ dataDirectory: data, target, now });
    const call = { source: target, force: true, now: nowDate };
    await restore({ ...call, dataDirectory: `${directory}/copy` });
    assert.ok(![...Deno.readDirSync(`${directory}/copy`)].some(({ name }) => name === "id"));
    const own = `${directory}/own`;
    await Deno.mkdir(own);
    await Deno.writeTextFile(`${own}/id`, "abc");
    await restore({ ...call, dataDirectory: own });
    assert.equal(await Deno.readTextFile(`${own}/id`), "abc");
  }));

Deno.test("a place that is not there is said to be none", () =>
  withData(async ({ data, directory }) => {
    const backup = backUp({ dataDirectory: data, target: `${directory}/none/b`, now });
    await assert.rejects(backup, failsWith("invalid", /no directory/));
  }));

Deno.test("any tar can open it", () =>
  withData(async ({ data, directory, target }) => {
    await backUp({ dataDirectory: data, target, now });
    const { success, stdout } = await new Deno.Command("tar", { args: ["tf", target], cwd: directory })
      .output();
    assert.ok(success);
    assert.equal(new TextDecoder().decode(stdout), "fleet.sqlite\nrecordings.sqlite\nid\nmanifest.json\n");
  }));

Deno.test("an existing file is not replaced", () =>
  withData(async ({ data, target }) => {
    await Deno.writeTextFile(target, "mine");
    await assert.rejects(backUp({ dataDirectory: data, target, now }), failsWith("conflict", /exists/));
    assert.equal(await Deno.readTextFile(target), "mine");
  }));

Deno.test("a data directory in use is not replaced unless forced, then it is moved aside whole", () =>
  withData(async ({ data, directory, target }) => {
    await backUp({ dataDirectory: data, target, now });
    const other = `${directory}/other`;
    await Deno.mkdir(other);
    await Deno.writeTextFile(`${other}/fleet.sqlite`, "old");
    const call = { source: target, dataDirectory: other, now: nowDate };
    await assert.rejects(restore({ ...call, force: false }), failsWith("conflict", /not empty/));
    const { replaced } = await restore({ ...call, force: true });
    assert.equal(replaced, `${other}.replaced-2026-03-04T05-06-07`);
    assert.equal(await Deno.readTextFile(`${replaced}/fleet.sqlite`), "old");
    assert.ok((await Deno.stat(`${other}/fleet.sqlite`)).size > 4096);
  }));

Deno.test("a directory that has only a lock counts as empty", () =>
  withData(async ({ data, directory, target }) => {
    await backUp({ dataDirectory: data, target, now });
    const fresh = `${directory}/fresh`;
    await Deno.mkdir(fresh);
    await Deno.writeTextFile(`${fresh}/lock`, "");
    await restore({ source: target, dataDirectory: fresh, force: false, now: nowDate });
    assert.ok((await Deno.stat(`${fresh}/fleet.sqlite`)).size > 4096);
  }));

Deno.test("one flipped byte, a missing end and a foreign file are refused, and nothing is touched", () =>
  withData(async ({ data, directory, target }) => {
    await backUp({ dataDirectory: data, target, now });
    const good = await Deno.readFile(target);
    const flipped = good.slice();
    flipped[700_000] = (flipped[700_000] ?? 0) ^ 1;
    const bad = [
      flipped,
      good.slice(0, good.length / 2),
      new TextEncoder().encode("no archive ".repeat(100)),
    ];
    for (const [n, bytes] of bad.entries()) {
      const source = `${directory}/bad${n}`;
      await Deno.writeFile(source, bytes);
      const call = restore({ source, dataDirectory: data, force: true, now: nowDate });
      await assert.rejects(call, failsWith("invalid", /not a good backup/));
    }
    assert.equal(await Deno.readTextFile(`${data}/secret`), "very secret");
    assert.ok(![...Deno.readDirSync(directory)].some(({ name }) => name.startsWith(".agents-fleet")));
  }));
