import assert from "node:assert/strict";
import { createLog } from "../log.ts";
import { inspectDatabase, markClean } from "../store/integrity.ts";
import { RecordingStore } from "../store/recordings.ts";
import { DamageWatch, openRecordings } from "./recordings_file.ts";

const silent = createLog("error", () => {});

async function withFile(work: (path: string) => Promise<void> | void): Promise<void> {
  const directory = await Deno.makeTempDir();
  await work(`${directory}/recordings.sqlite`);
  await Deno.remove(directory, { recursive: true });
}

/** Sessions that were cut off, so many that a start reads pages that the schema is not on. */
function fill(path: string): void {
  const store = new RecordingStore(path);
  store.transaction(() => {
    for (let n = 0; n < 500; n++) {
      store.createRecording({ session: `session ${n}`, startedAtMs: n, cols: 80, rows: 24 });
    }
  });
  store.checkpoint();
  store.close();
}

function spoil(path: string): void {
  using file = Deno.openSync(path, { write: true, read: true });
  const { size } = file.statSync();
  for (let at = 4096; at < size; at += 4096) {
    file.seekSync(at, Deno.SeekMode.Start);
    file.writeSync(crypto.getRandomValues(new Uint8Array(4000)));
  }
}

function listAside(path: string): string[] {
  const directory = path.slice(0, path.lastIndexOf("/"));
  return [...Deno.readDirSync(directory)].map(({ name }) => name).filter((name) => name.includes("damaged"));
}

Deno.test("a file that seems to be clean and cannot be read is put aside by its owner: a holder always starts", () =>
  withFile((path) => {
    fill(path);
    spoil(path);
    markClean(path);
    const { store } = openRecordings({ path, isOwner: true, log: silent });
    store.createRecording({ session: "new", startedAtMs: 1, cols: 80, rows: 24 });
    assert.equal(store.listOpenRecordings().length, 1);
    store.close();
    assert.equal(listAside(path).length, 1);
  }));

Deno.test("who is not the owner puts nothing aside", () =>
  withFile((path) => {
    fill(path);
    spoil(path);
    openRecordings({ path, isOwner: false, log: silent }).store.close();
    assert.deepEqual(listAside(path), []);
  }));

Deno.test("damage that shows in use is looked for at the next start, and the holder leaves once nothing runs", () =>
  withFile(async (path) => {
    fill(path);
    let busy = true;
    const idle = Promise.withResolvers<void>();
    const watch = new DamageWatch({ path, isBusy: () => busy, onIdle: () => idle.resolve(), log: silent });
    watch.note("database disk image is malformed");
    watch.note("again");
    busy = false;
    await idle.promise;
    watch.close();
    spoil(path);
    markClean(path);
    assert.ok(inspectDatabase({ path, now: () => new Date() }).movedTo);
  }));
