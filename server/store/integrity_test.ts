import assert from "node:assert/strict";
import { checkIntegrity, inspectDatabase, listMovedAside, markClean, markSuspect } from "./integrity.ts";
import { RecordingStore } from "./recordings.ts";

const AT = new Date("2026-03-04T05:06:07Z");

async function withFile(work: (path: string) => void): Promise<void> {
  const directory = await Deno.makeTempDir();
  work(`${directory}/recordings.sqlite`);
  await Deno.remove(directory, { recursive: true });
}

/** A closed database with some hundred pages. */
function fill(path: string): void {
  const store = new RecordingStore(path);
  const id = store.createRecording({ session: "a", startedAtMs: 1, cols: 80, rows: 24 });
  for (let n = 0; n < 200; n++) {
    const data = crypto.getRandomValues(new Uint8Array(5000));
    store.blocks.insert(id, { offset: n * 5000, length: 5000, atMs: n, codec: "raw", data, times: null });
  }
  store.close();
}

function overwrite(path: string, at: number, bytes: Uint8Array): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(at, Deno.SeekMode.Start);
  file.writeSync(bytes);
}

function inspect(path: string): ReturnType<typeof inspectDatabase> {
  return inspectDatabase({ path, now: () => AT });
}

function canBeUsed(path: string): boolean {
  const store = new RecordingStore(path);
  store.createRecording({ session: "b", startedAtMs: 1, cols: 80, rows: 24 });
  store.close();
  return true;
}

Deno.test("a new database and one that was closed properly are clean, once", () =>
  withFile((path) => {
    assert.deepEqual(inspect(path), { wasClean: true, needsCheck: false });
    fill(path);
    markClean(path);
    assert.deepEqual(inspect(path), { wasClean: true, needsCheck: false });
    assert.deepEqual(inspect(path), { wasClean: false, needsCheck: false }, "a crash leaves no mark");
    assert.deepEqual(checkIntegrity(path, "full"), []);
  }));

Deno.test("a mark of an older state does not count", () =>
  withFile((path) => {
    fill(path);
    markClean(path);
    assert.ok(canBeUsed(path));
    assert.equal(inspect(path).wasClean, false);
  }));

Deno.test("a damaged file is moved aside with its content, said so, and a new one works", () =>
  withFile((path) => {
    fill(path);
    overwrite(path, 4096 * 3, crypto.getRandomValues(new Uint8Array(4096 * 15)));
    const { movedTo, damage } = inspect(path);
    assert.equal(movedTo, `${path}.damaged-2026-03-04T05-06-07`);
    assert.ok(damage && damage.length > 0);
    assert.ok(Deno.statSync(movedTo ?? "").size > 500_000);
    assert.ok(canBeUsed(path));
    assert.equal(inspect(path).movedTo, undefined, "no loop");
  }));

Deno.test("two damaged files of one second do not replace each other", () =>
  withFile((path) => {
    for (const expected of ["", "-2"]) {
      Deno.writeTextFileSync(path, "this is no database ".repeat(1000));
      assert.equal(inspect(path).movedTo, `${path}.damaged-2026-03-04T05-06-07${expected}`);
    }
    Deno.writeTextFileSync(`${path}.damaged-2026-03-04T05-06-07-wal`, "");
    assert.deepEqual(listMovedAside(path), [
      `${path}.damaged-2026-03-04T05-06-07`,
      `${path}.damaged-2026-03-04T05-06-07-2`,
    ]);
  }));

Deno.test("a truncated file is found", () =>
  withFile((path) => {
    fill(path);
    Deno.truncateSync(path, 4096 * 20);
    assert.ok(inspect(path).movedTo);
    assert.ok(canBeUsed(path));
  }));

Deno.test("an empty file is a new database, and garbage in the log is no damage", () =>
  withFile((path) => {
    Deno.writeTextFileSync(path, "");
    assert.equal(inspect(path).movedTo, undefined);
    fill(path);
    Deno.writeFileSync(`${path}-wal`, crypto.getRandomValues(new Uint8Array(60_000)));
    assert.equal(inspect(path).movedTo, undefined);
    assert.ok(canBeUsed(path));
  }));

Deno.test("a file that was found damaged in use is looked at whole, though it was closed properly since", () =>
  withFile((path) => {
    fill(path);
    overwrite(path, 4096 * 3, crypto.getRandomValues(new Uint8Array(4096 * 15)));
    markClean(path);
    markSuspect(path);
    assert.ok(inspect(path).movedTo);
    assert.ok(canBeUsed(path));
    assert.equal(inspect(path).movedTo, undefined, "no loop");
  }));

Deno.test("a suspicion that is not true has no consequence", () =>
  withFile((path) => {
    fill(path);
    markSuspect(path);
    assert.deepEqual(inspect(path), { wasClean: false, needsCheck: false });
  }));
