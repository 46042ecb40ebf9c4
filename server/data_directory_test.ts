import assert from "node:assert/strict";
import { DataDirectory } from "./data_directory.ts";

async function withDirectory(work: (path: string) => void | Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    await work(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test("the directory and all in it are private, whatever they were before", () =>
  withDirectory((path) => {
    Deno.chmodSync(path, 0o755);
    const data = DataDirectory.open(path);
    data.installSecret();
    data.writeAgentPort(5000);
    data.writeRunningServer({ pid: 1, address: "http://127.0.0.1:1", agentPort: 5000 });
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o700);
    for (const { name } of Deno.readDirSync(path)) {
      assert.equal((Deno.statSync(`${path}/${name}`).mode ?? 0) & 0o077, 0, name);
    }
  }));

Deno.test("secret, id and agent port stay the same", () =>
  withDirectory((path) => {
    const first = DataDirectory.open(path);
    const [secret, id] = [first.installSecret(), first.id()];
    assert.equal(first.readAgentPort(), undefined);
    first.writeAgentPort(5000);
    const second = DataDirectory.open(path);
    assert.deepEqual([second.installSecret(), second.id(), second.readAgentPort()], [secret, id, 5000]);
    assert.equal(secret.length, 32);
  }));

Deno.test("a file in the way is said, with the way out", () =>
  withDirectory((path) => {
    Deno.writeTextFileSync(`${path}/file`, "");
    assert.throws(() => DataDirectory.open(`${path}/file`), /--data DIR/);
    assert.throws(() => DataDirectory.open(`${path}/file/below`), /--data DIR/);
  }));

Deno.test("a secret that others could read is theirs no more", () =>
  withDirectory((path) => {
    const data = DataDirectory.open(path);
    const secret = data.installSecret();
    Deno.chmodSync(`${path}/secret`, 0o666);
    assert.deepEqual(data.installSecret(), secret);
    assert.equal((Deno.statSync(`${path}/secret`).mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("what a power cut left of the note of a running server says nothing", () =>
  withDirectory((path) => {
    const data = DataDirectory.open(path);
    for (const left of ["", '{"pid":1,', "[]"]) {
      Deno.writeTextFileSync(`${path}/server.json`, left);
      assert.equal(data.readRunningServer(), undefined);
    }
  }));
