// Frees what no snapshot needs any more; the repository is not asked for anything.
import { join } from "node:path";
import type { PrivateStore } from "./private_store.ts";
import { unlessMissing } from "./small_files.ts";

const LIMIT_MS = 10 * 60_000;
const LEFTOVER = /^(?:attributes_|patch_|tmp_)/;

/** Removes unneeded objects, and the whole store when nothing in it is kept. To be run while nothing else writes there. */
export async function tidyStore(store: PrivateStore): Promise<void> {
  if (!store.keepsSomething()) return store.remove();
  removeLeftovers(store.path);
  const signal = AbortSignal.timeout(LIMIT_MS);
  await store.ask({ args: ["repack", "-a", "-d", "-q", "--window-memory=64m"], signal });
  await store.ask({ args: ["prune", "--expire=now"], signal });
}

/** What a run that was ended left behind. */
function removeLeftovers(path: string): void {
  for (const directory of [path, join(path, "objects/pack")]) {
    const names = unlessMissing(() => [...Deno.readDirSync(directory)]) ?? [];
    for (const { name } of names.filter(({ name }) => LEFTOVER.test(name))) {
      unlessMissing(() => Deno.removeSync(join(directory, name), { recursive: true }));
    }
  }
}
