// The program before the last change of the holder, and this one, against each other's holders.
import assert from "node:assert/strict";
import { join } from "node:path";
import { ApiClient } from "./testing/api_client.ts";
import { endHolders, startProgram } from "./testing/running_program.ts";

const ROOT = join(import.meta.dirname ?? ".", "..");

/** Lays out the commit before the last that changed the holder, with the page built here; the reason when there is none. */
async function checkOutPrevious(directory: string): Promise<string | undefined> {
  const script =
    `changed=$(git rev-list -1 HEAD -- server/holder) && git archive "$changed~1" | tar -x -C "$0" &&
    mkdir -p "$0/dist" && cp -r dist/ui "$0/dist/"`;
  const { success } = await new Deno.Command("sh", {
    args: ["-c", script, directory],
    cwd: ROOT,
    stderr: "null",
  }).output();
  if (!success) return "there is no git history here";
  const hasHolder = await Deno.stat(join(directory, "server/holder/main.ts")).then(() => true, () => false);
  return hasHolder ? undefined : "the earlier commit has no holder process";
}

async function countMigrations(root: string): Promise<number> {
  const names = await Array.fromAsync(Deno.readDir(join(root, "server/store/migrations/fleet")));
  return names.length;
}

const previous = await Deno.makeTempDir();
const skipped = await checkOutPrevious(previous);
const upgrade = { name: "an upgrade", first: previous, second: ROOT };
const downgrade = { name: "a downgrade", first: ROOT, second: previous };

/** Going back over a migration is refused with a clear message, which has its own test. */
async function whyNot(first: string, second: string): Promise<string | undefined> {
  if (skipped !== undefined) return skipped;
  return await countMigrations(first) > await countMigrations(second) ? "a migration is between" : undefined;
}

for (const { name, first, second } of [upgrade, downgrade]) {
  const reason = await whyNot(first, second);
  Deno.test({
    name: `a session goes on through ${name} of its holder${reason ? ` SKIPPED: ${reason}` : ""}`,
    ignore: reason !== undefined,
    fn: async () => {
      const directory = await Deno.makeTempDir();
      const start = (root: string): ReturnType<typeof startProgram> =>
        startProgram({ dataDirectory: `${directory}/data`, main: join(root, "server/main.ts") });
      const before = await start(first);
      const api = await ApiClient.signIn(before.printedUrl);
      const { id } = await api.launch({
        cwd: directory,
        command: "sh -c 'echo one; read line; echo two; exit 9'",
      });
      const terminal = await api.openTerminal(id);
      await terminal.untilOutput("one");
      await before.kill();
      const after = await start(second);
      const again = await ApiClient.signIn(after.printedUrl);
      const resumed = await again.openTerminal(id);
      resumed.type("\r");
      const session = await again.waitForEnd(id);
      assert.deepEqual([session.endReason, session.exitCode], ["exited", 9]);
      assert.match(new TextDecoder().decode(await again.recording(id)), /one\r\n.*two\r\n/s);
      const next = await again.launch({ cwd: directory, command: "echo three" });
      assert.equal((await again.waitForEnd(next.id)).exitCode, 0);
      await resumed.close();
      await after.stop();
      await endHolders(`${directory}/data`);
      await Deno.remove(directory, { recursive: true });
    },
  });
}

globalThis.addEventListener("unload", () => Deno.removeSync(previous, { recursive: true }));
