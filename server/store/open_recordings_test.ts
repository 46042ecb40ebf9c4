import assert from "node:assert/strict";
import { markClean } from "./integrity.ts";
import { openRecordings } from "./open_recordings.ts";
import { RecordingStore } from "./recordings.ts";

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
    const moved: string[] = [];
    const { store } = openRecordings({ path, isOwner: true, onMoved: ({ movedTo }) => moved.push(movedTo) });
    store.createRecording({ session: "new", startedAtMs: 1, cols: 80, rows: 24 });
    assert.equal(store.listOpenRecordings().length, 1);
    store.close();
    assert.deepEqual(moved.map((path) => path.slice(path.lastIndexOf("/") + 1)), listAside(path));
    assert.equal(moved.length, 1);
  }));

Deno.test("who is not the owner puts nothing aside", () =>
  withFile((path) => {
    fill(path);
    spoil(path);
    openRecordings({ path, isOwner: false, onMoved: () => assert.fail() }).store.close();
    assert.deepEqual(listAside(path), []);
  }));
