// Copies of the data directory taken at random moments under load: what a power cut leaves when writes had reached the system.
import assert from "node:assert/strict";
import { checkIntegrity } from "./store/integrity.ts";
import { ApiClient } from "./testing/api_client.ts";
import { endHolders, listHolderPids, startProgram } from "./testing/running_program.ts";

const MOMENTS = 5;
const SESSIONS = 4;
/** What may be lost. */
const MAX_LOSS_MS = 1000;
const EMITTER = 'n=0; mkfifo "$0.pipe"; exec 9<>"$0.pipe"; while :; do n=$((n+1)); echo "line $n"; ' +
  'echo "$n $EPOCHREALTIME" >> "$0.log"; read -t 0.01 -u 9; done';

/** A copy at one instant: nothing writes while it is made. */
async function copyFrozen(pids: number[], paths: { from: string; to: string }): Promise<number> {
  for (const pid of pids) Deno.kill(pid, "SIGSTOP");
  const takenAtMs = Date.now();
  const { success } = await new Deno.Command("cp", { args: ["-r", paths.from, paths.to] }).output();
  for (const pid of pids) Deno.kill(pid, "SIGCONT");
  assert.ok(success);
  return takenAtMs;
}

async function assertRecovers(
  copy: string,
  sessions: { id: string; log: string }[],
  takenAtMs: number,
): Promise<void> {
  for (const name of ["fleet.sqlite", "recordings.sqlite"]) {
    assert.deepEqual(checkIntegrity(`${copy}/${name}`, "full"), []);
  }
  for (const { name } of Deno.readDirSync(copy)) {
    if (name.startsWith("holder-")) Deno.removeSync(`${copy}/${name}`);
  }
  const program = await startProgram({ dataDirectory: copy });
  const api = await ApiClient.signIn(program.printedUrl);
  for (const { id, log } of sessions) {
    assert.equal((await api.waitForEnd(id)).endReason, "crash");
    const recorded = [...new TextDecoder().decode(await api.recording(id)).matchAll(/line (\d+)\r\n/g)].map((
      [, n],
    ) => Number(n));
    assert.deepEqual(recorded, recorded.map((_, index) => index + 1));
    const emitted = (await Deno.readTextFile(log)).trim().split("\n").map((line) => line.split(" "))
      .filter(([, seconds]) => Number(seconds) * 1000 < takenAtMs - MAX_LOSS_MS);
    assert.ok(
      recorded.length >= emitted.length,
      `${recorded.length} lines recorded, ${emitted.length} emitted a second before`,
    );
  }
  await program.stop();
  await endHolders(copy);
}

Deno.test("a power cut at any moment leaves databases that open and lose at most a second", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  const program = await startProgram({ dataDirectory: `${root}/data` });
  const api = await ApiClient.signIn(program.printedUrl);
  const sessions: { id: string; log: string }[] = [];
  for (let n = 0; n < SESSIONS; n++) {
    await Deno.writeTextFile(`${root}/emitter-${n}`, EMITTER);
    const { id } = await api.launch({ cwd: root, command: `bash ${root}/emitter-${n}` });
    sessions.push({ id, log: `${root}/emitter-${n}.log` });
  }
  const copies: { to: string; takenAtMs: number }[] = [];
  for (let moment = 0; moment < MOMENTS; moment++) {
    await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 700));
    const to = `${root}/copy-${moment}`;
    const pids = [program.pid, ...listHolderPids(`${root}/data`)];
    copies.push({ to, takenAtMs: await copyFrozen(pids, { from: `${root}/data`, to }) });
  }
  await api.call("/api/sessions/stop-all", { method: "POST" });
  for (const { id } of sessions) await api.waitForEnd(id);
  await program.stop();
  await endHolders(`${root}/data`);
  for (const { to, takenAtMs } of copies) await assertRecovers(to, sessions, takenAtMs);
  await Deno.remove(root, { recursive: true });
});
