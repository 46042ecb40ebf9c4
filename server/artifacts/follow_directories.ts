// Notices of the file system about changes right inside directories.

/** What reading a file causes is no change. */
const IGNORED_KINDS: readonly Deno.FsEvent["kind"][] = ["access", "any", "other"];

/** Calls back for each notice; the answer ends it. Throws when the system has no room for so many. */
export function followDirectories(directories: string[], onNotice: () => void): () => void {
  const watcher = Deno.watchFs(directories, { recursive: false });
  const read = async (): Promise<void> => {
    for await (const { kind } of watcher) if (!IGNORED_KINDS.includes(kind)) onNotice();
  };
  // It ends when it is closed; a broken one says once that anything may have changed.
  read().catch(onNotice);
  return () => watcher.close();
}
