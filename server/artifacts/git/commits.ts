// Lists the commits of a repository by reading its objects beside ours; none of its settings is seen.
import { join } from "node:path";
import type { CommitView } from "../../protocol.ts";
import type { PrivateStore } from "./private_store.ts";
import { lookAt } from "./small_files.ts";
import type { RepositoryPlace } from "./work_tree.ts";

const MAX_COMMITS = 500;
const COMMIT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const FIELDS = "%H%x00%at%x00%an%x00%s";
const LIMIT_MS = 20_000;
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;

/** Commits reachable from `to` and not from `from`, newest first, at most 500; none when `to` cannot be read any more. */
export async function listCommits(
  options: { store: PrivateStore; place: RepositoryPlace; from: string | undefined; to: string },
): Promise<CommitView[]> {
  const { store, place, from, to } = options;
  if (from === to || !COMMIT_ID.test(to) || (from !== undefined && !COMMIT_ID.test(from))) return [];
  const shallow = join(place.commonDirectory, "shallow");
  const { code, stdout } = await store.run({
    args: [
      ...[
        "log",
        "-z",
        `--max-count=${MAX_COMMITS}`,
        `--format=tformat:${FIELDS}`,
        "--no-show-signature",
        "--no-mailmap",
      ],
      ...["--encoding=UTF-8", "--ignore-missing", to, ...(from === undefined ? [] : ["--not", from]), "--"],
    ],
    borrowedObjects: [join(place.commonDirectory, "objects")],
    ...(lookAt(shallow)?.isFile ? { shallowFile: shallow } : {}),
    maxOutputBytes: MAX_OUTPUT_BYTES,
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  return code === 0 ? parseLog(new TextDecoder().decode(stdout)) : [];
}

function parseLog(text: string): CommitView[] {
  const fields = text.split("\0");
  const commits: CommitView[] = [];
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [hash = "", seconds, authorName = "", subject = ""] = fields.slice(at, at + 4);
    commits.push({ hash, subject, authorName, authoredAtMs: Number(seconds) * 1000 });
  }
  return commits;
}
