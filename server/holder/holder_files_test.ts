import assert from "node:assert/strict";
import { socketPath } from "./holder_files.ts";

const ID = "01a20503-301e-7526-b82d-6cdea608a32a";

Deno.test("a socket is in the data directory, else in the first temporary directory where its path is short enough", async () => {
  const temporaryDirectory = await Deno.makeTempDir();
  const long = `/${"x".repeat(100)}`;
  assert.equal(socketPath("/data", { id: ID, temporaryDirectory }), `/data/holder-${ID}.sock`);
  const own = `agents-fleet-${Deno.uid()}/${ID}.sock`;
  assert.equal(socketPath(long, { id: ID, temporaryDirectory }), `${temporaryDirectory}/${own}`);
  assert.equal(socketPath(long, { id: ID, temporaryDirectory: long }), `/tmp/${own}`);
  assert.equal((Deno.statSync(`${temporaryDirectory}/agents-fleet-${Deno.uid()}`).mode ?? 0) & 0o777, 0o700);
  await Deno.remove(temporaryDirectory, { recursive: true });
});
