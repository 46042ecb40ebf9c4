// Databases that are damaged by hand: nothing is deleted, nobody is kept from launching, nothing runs without its budgets.
import assert from "node:assert/strict";
import { listMovedAside } from "./store/integrity.ts";
import { ApiClient } from "./testing/api_client.ts";
import { endHolders, runProgram, startProgram } from "./testing/running_program.ts";

const PATIENCE_MS = 60_000;
const OUTPUT_BYTES = 9_000_000;

async function withDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  try {
    await work(directory);
  } finally {
    await endHolders(`${directory}/data`);
    await Deno.remove(directory, { recursive: true });
  }
}

/** Every other page behind the first. */
function spoil(path: string): void {
  using file = Deno.openSync(path, { write: true, read: true });
  const { size } = file.statSync();
  for (let at = 4096; at < size; at += 8192) {
    file.seekSync(at, Deno.SeekMode.Start);
    file.writeSync(crypto.getRandomValues(new Uint8Array(4000)));
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAtMs = Date.now() + PATIENCE_MS;
  while (!await condition()) {
    assert.ok(Date.now() < giveUpAtMs, "waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Output is in the file itself, and nobody is about to write it again. */
function isSettled(path: string): boolean {
  const { size, mtime } = Deno.statSync(path);
  return size > OUTPUT_BYTES && Date.now() - (mtime?.getTime() ?? Infinity) > 3000;
}

async function check(api: ApiClient): Promise<string[]> {
  const call = { method: "POST", body: { depth: "quick" } };
  return (await api.call<{ findings: string[] }>("/api/recordings/check", call)).findings;
}

Deno.test("recordings that are damaged in use are put aside once nothing runs, and sessions can be launched", () =>
  withDirectory(async (directory) => {
    const path = `${directory}/data/recordings.sqlite`;
    const program = await startProgram({ dataDirectory: `${directory}/data` });
    const api = await ApiClient.signIn(program.printedUrl);
    const { id } = await api.launch({
      cwd: directory,
      command: `sh -c 'head -c ${OUTPUT_BYTES} /dev/urandom | base64'`,
    });
    await api.waitForEnd(id);
    await until(() => isSettled(path));
    spoil(path);
    // Whoever meets the damage first notes it; a check may be broken off by that.
    await check(api).catch(() => {});
    await until(() => listMovedAside(path).length === 1);
    await until(async () => (await check(api).catch(() => ["not there yet"])).length === 0);
    const next = await api.launch({ cwd: directory, command: "echo again" });
    assert.equal((await api.waitForEnd(next.id)).exitCode, 0);
    assert.match(new TextDecoder().decode(await api.recording(next.id)), /again/);
    const { items } = await api.call<{ items: { kind: string }[] }>("/api/notices");
    assert.equal(items.filter(({ kind }) => kind === "recordings").length, 1);
    await program.stop();
  }));

Deno.test("a damaged fleet.sqlite keeps the program from starting, says so, and stays as it is", () =>
  withDirectory(async (directory) => {
    const data = `${directory}/data`;
    assert.equal(await (await startProgram({ dataDirectory: data })).stop(), 0);
    spoil(`${data}/fleet.sqlite`);
    const { size } = Deno.statSync(`${data}/fleet.sqlite`);
    const { code, output } = await runProgram(["--data", data, "--port", "0"]);
    assert.equal(code, 1);
    assert.match(output, /fleet\.sqlite" is damaged .* agents-fleet restore/);
    assert.equal(Deno.statSync(`${data}/fleet.sqlite`).size, size);
  }));
