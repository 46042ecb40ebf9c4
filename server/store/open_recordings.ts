// Opens recordings so that they can be used: a damaged file is put aside first.
import { isDamage } from "../errors.ts";
import { inspectDatabase, moveAside } from "./integrity.ts";
import { RecordingStore } from "./recordings.ts";

export interface OpenOptions {
  path: string;
  /** No other process uses the file. */
  isOwner: boolean;
  /** What was there was damaged, and is elsewhere now. */
  onMoved: (moved: { movedTo: string; damage: string | undefined }) => void;
}

/** Opens recordings that can be used; what was there and cannot is moved aside. Says whether the file is still to be checked. */
export function openRecordings(
  { path, isOwner, onMoved }: OpenOptions,
): { store: RecordingStore; needsCheck: boolean } {
  if (!isOwner) return { store: new RecordingStore(path), needsCheck: false };
  const { needsCheck, movedTo, damage } = inspectDatabase({ path, now: () => new Date() });
  if (movedTo !== undefined) onMoved({ movedTo, damage });
  try {
    return { store: openProbed(path), needsCheck };
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    onMoved({ movedTo: moveAside(path, new Date()), damage: cause.message });
    return { store: new RecordingStore(path), needsCheck: false };
  }
}

function openProbed(path: string): RecordingStore {
  const store = new RecordingStore(path);
  try {
    store.probe();
    return store;
  } catch (cause) {
    store.close();
    throw cause;
  }
}
