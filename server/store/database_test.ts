import assert from "node:assert/strict";
import { isDamage, isStorageFailure } from "../errors.ts";
import { Database } from "./database.ts";

const MIGRATIONS = [{ name: "0001_test", sql: "CREATE TABLE things (data BLOB)" }];

async function withFile(work: (path: string) => void): Promise<void> {
  const directory = await Deno.makeTempDir();
  work(`${directory}/test.sqlite`);
  await Deno.remove(directory, { recursive: true });
}

function open(path: string): Database {
  return Database.open({ path, synchronous: "FULL", migrations: MIGRATIONS });
}

Deno.test("a transaction that cannot begin because another program writes says so", () =>
  withFile((path) => {
    const [one, other] = [open(path), open(path)];
    one.transaction(() => {
      assert.throws(() => other.transaction(() => {}, { patienceMs: 1 }), isStorageFailure);
    });
    one.close();
    other.close();
  }));

Deno.test("a transaction that a full disk does not take says so, whichever of its statements failed", () =>
  withFile((path) => {
    const database = open(path);
    database.get("PRAGMA max_page_count = 8");
    const fill = (): number =>
      database.transaction(() => database.run("INSERT INTO things VALUES (zeroblob(100000))"));
    assert.throws(fill, isStorageFailure);
    assert.equal(database.all("SELECT * FROM things").length, 0);
    database.close();
  }));

Deno.test("a file that is no database is said to be damaged when it is opened", () =>
  withFile((path) => {
    Deno.writeTextFileSync(path, "this is no database ".repeat(1000));
    assert.throws(() => open(path), isDamage);
  }));
