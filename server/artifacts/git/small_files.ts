// Reads the small text files of a repository, which may be anything: missing, a directory, huge, a pipe.

const EXPECTED = [
  Deno.errors.NotFound,
  Deno.errors.PermissionDenied,
  Deno.errors.NotADirectory,
  Deno.errors.FilesystemLoop,
  Deno.errors.IsADirectory,
];

/** Text of a regular file of at most `maxBytes`; undefined for everything else. */
export function readSmallFile(path: string, maxBytes: number): string | undefined {
  const info = lookAt(path);
  if (!info?.isFile || info.size > maxBytes) return undefined;
  return unlessMissing(() => Deno.readTextFileSync(path));
}

/** What lies at a path, links not followed; undefined when nothing does or it cannot be seen. */
export function lookAt(path: string): Deno.FileInfo | undefined {
  return unlessMissing(() => Deno.lstatSync(path));
}

/** A file's result, or undefined where the file is missing or closed to us. */
export function unlessMissing<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (cause) {
    if (EXPECTED.some((kind) => cause instanceof kind)) return undefined;
    throw cause;
  }
}
