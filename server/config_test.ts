import assert from "node:assert/strict";
import deno from "../deno.json" with { type: "json" };
import { parseConfig, UsageError, VERSION } from "./config.ts";

const HOME = { HOME: "/home/me" };

Deno.test("the version is the one in deno.json", () => assert.equal(VERSION, deno.version));

Deno.test("data goes where the platform keeps application data", () => {
  const place = (environment: Record<string, string>, platform: string): string =>
    parseConfig([], environment, platform).dataDirectory;
  assert.equal(place(HOME, "linux"), "/home/me/.local/share/agents-fleet");
  assert.equal(place({ ...HOME, XDG_DATA_HOME: "/x" }, "linux"), "/x/agents-fleet");
  assert.equal(place(HOME, "darwin"), "/home/me/Library/Application Support/agents-fleet");
  assert.throws(() => place({}, "linux"), /--data DIR/);
});

Deno.test("a port that is given is explicit, the default one is not", () => {
  const { port, portIsExplicit } = parseConfig([], HOME, "linux");
  assert.deepEqual([port, portIsExplicit], [4517, false]);
  assert.deepEqual(parseConfig(["--port", "80"], HOME, "linux").portIsExplicit, true);
});

for (
  const args of [["--port", "-1"], ["--port", "1.5"], ["--port", "65536"], ["--port"], ["--what"], ["run"], [
    "url",
    "x",
  ]]
) {
  Deno.test(`the command line ${JSON.stringify(args)} is refused with a hint`, () => {
    assert.throws(() => parseConfig(args, HOME, "linux"), UsageError);
  });
}

for (const word of ["0", "false", "no", "off", "OFF"]) {
  Deno.test(`AGENTS_FLEET_CAPTURE_GIT_ON_END=${word} switches snapshots off`, () => {
    const { capturesGit } = parseConfig(
      [],
      { HOME: "/home/me", AGENTS_FLEET_CAPTURE_GIT_ON_END: word },
      "linux",
    );
    assert.equal(capturesGit, false);
  });
}

Deno.test("snapshots are taken unless the environment says no", () => {
  for (const word of ["", "1", "yes"]) {
    const environment = { HOME: "/home/me", AGENTS_FLEET_CAPTURE_GIT_ON_END: word };
    assert.equal(parseConfig([], environment, "linux").capturesGit, true);
  }
});
