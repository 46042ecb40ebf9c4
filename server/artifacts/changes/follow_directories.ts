// Notices of the file system about changes right inside directories.

/** What reading a file causes is no change. */
const IGNORED_KINDS: readonly Deno.FsEvent["kind"][] = ["access", "any", "other"];

/** Calls back with what changed; the answer ends it. Throws when the system has no room for so many. */
export function followDirectories(directories: string[], onNotice: (paths: string[]) => void): () => void {
  const watcher = Deno.watchFs(directories, { recursive: false });
  const read = async (): Promise<void> => {
    for await (const { kind, paths } of watcher) if (!IGNORED_KINDS.includes(kind)) onNotice(paths);
  };
  // It ends when it is closed; a broken one says once that anything may have changed.
  read().catch(() => onNotice(directories));
  return () => watcher.close();
}
