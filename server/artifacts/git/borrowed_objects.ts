// Takes over what a repository has stored already: much faster than storing the same files again.
import { join } from "node:path";
import type { PrivateStore } from "./private_store.ts";
import type { RepositoryPlace } from "./work_tree.ts";

const PACK = [
  "pack-objects",
  "--revs",
  "--stdout",
  "-q",
  "--window=0",
  "--delta-base-offset",
  "--missing=allow-any",
];

/**
 * Copies the objects of a commit's tree into the store. Every id is computed anew from the bytes, so that a forged object helps
 * nobody; what cannot be copied is missing, and is read from the disk later. Rejects only with the signal's reason.
 */
export async function borrowTree(
  { store, place, commit, signal }: {
    store: PrivateStore;
    place: RepositoryPlace;
    commit: string;
    signal: AbortSignal;
  },
): Promise<void> {
  const borrowedObjects = [join(place.commonDirectory, "objects")];
  const source = store.start({ args: PACK, borrowedObjects, signal }, true);
  try {
    const wanted = ReadableStream.from([new TextEncoder().encode(`${commit}^{tree}\n`)]);
    const sent = source.input &&
      wanted.pipeTo(source.input).catch(() => "it ended early: nothing comes then");
    await store.run({ args: ["index-pack", "--stdin"], input: source.output, signal });
    await sent;
  } finally {
    source.stop();
    await source.finished.catch(() => "what it did not send is read from the disk");
  }
  signal.throwIfAborted();
}
