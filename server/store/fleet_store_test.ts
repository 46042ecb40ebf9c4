import assert from "node:assert/strict";
import { closeFleet, openFleet } from "./fleet_store.ts";

async function withFile(work: (path: string) => void): Promise<void> {
  const directory = await Deno.makeTempDir();
  work(`${directory}/fleet.sqlite`);
  await Deno.remove(directory, { recursive: true });
}

function spoil(path: string): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(4096 * 2, Deno.SeekMode.Start);
  file.writeSync(crypto.getRandomValues(new Uint8Array(4096 * 10)));
}

Deno.test("a damaged file is left alone and not used: budgets are in it", () =>
  withFile((path) => {
    closeFleet(openFleet(path), path);
    spoil(path);
    const { size } = Deno.statSync(path);
    for (let start = 0; start < 2; start++) {
      assert.throws(() => openFleet(path), { code: "invalid", message: /damaged.*agents-fleet restore/s });
    }
    assert.equal(Deno.statSync(path).size, size);
  }));

Deno.test("a file that is none is said to be damaged", () =>
  withFile((path) => {
    Deno.writeTextFileSync(path, "this is no database ".repeat(1000));
    assert.throws(() => openFleet(path), { code: "invalid", message: /damaged/ });
  }));

Deno.test("what was closed properly, what was cut off, and what is new can be opened", () =>
  withFile((path) => {
    openFleet(path).close();
    closeFleet(openFleet(path), path);
    closeFleet(openFleet(path), path);
  }));
