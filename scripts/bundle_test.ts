import assert from "node:assert/strict";
import { basename, join } from "node:path";
import type { SessionView } from "../server/protocol.ts";
import { ApiClient } from "../server/testing/api_client.ts";
import { endHolders, startProgram } from "../server/testing/running_program.ts";
import { bundleProgram } from "./bundle.ts";

const DIST = new URL("../dist/", import.meta.url).pathname;
/** Only the screen, in its worker, answers. */
const ASK_FOR_CURSOR = 'printf "\\033[6n"; read -rs -d R at; echo "cursor at ${at#*[}"';

Deno.test("the bundle runs: sessions, screens in their worker, the page", async () => {
  const stage = await Deno.makeTempDir({ dir: DIST });
  const { files } = await bundleProgram(stage);
  const program = await startProgram({
    dataDirectory: join(stage, "data"),
    main: join(stage, "server", "main.js"),
  });
  try {
    const api = await ApiClient.signIn(program.printedUrl);
    const { id } = await api.launch({ cwd: "/", command: `bash -c '${ASK_FOR_CURSOR}; read line; exit 7'` });
    const terminal = await api.openTerminal(id);
    await terminal.untilOutput("cursor at 1;1");
    terminal.type("\r");
    await terminal.close();
    let session: SessionView;
    do session = await api.call<SessionView>(`/api/sessions/${id}`); while (session.lifecycle !== "ended");
    assert.equal(session.exitCode, 7);
    assert.match(await (await fetch(program.address)).text(), /<script/);
    assert.ok(files.includes("server/main.js"));
  } finally {
    await program.stop();
    await endHolders(program.dataDirectory);
    await Deno.remove(stage, { recursive: true });
  }
});

Deno.test("what a running holder may still load stays beside the next bundle, until it is old", async () => {
  const stage = await Deno.makeTempDir({ dir: DIST });
  try {
    const recent = join(stage, "server", "screen_worker-recent.js");
    const old = join(stage, "server", "screen_worker-old.js");
    await Deno.mkdir(join(stage, "server"));
    for (const path of [recent, old]) await Deno.writeTextFile(path, "");
    await Deno.utime(old, new Date(0), new Date(0));
    const { files } = await bundleProgram(stage);
    const left = [...Deno.readDirSync(join(stage, "server"))].map(({ name }) => name);
    assert.deepEqual(left.toSorted(), [...files, recent].map((path) => basename(path)).toSorted());
  } finally {
    await Deno.remove(stage, { recursive: true });
  }
});
