// Makes repositories for tests with the real git, and says byte for byte what lies in one.
import { join } from "node:path";
import type { Log } from "../../../log.ts";
import { GitVault, type GitVaultOptions } from "../git_vault.ts";
import type { Capture, CaptureFailure, TreePair } from "../vault_api.ts";

export const GIT = "/usr/bin/git";
const WHO = { GIT_AUTHOR_NAME: "Ann", GIT_AUTHOR_EMAIL: "ann@example.org" };
const COMMITTER = { GIT_COMMITTER_NAME: "Ann", GIT_COMMITTER_EMAIL: "ann@example.org" };

const ignore = (): void => undefined;
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** A directory of one test: a work tree, a place for more, and a vault. */
export class TestBench {
  readonly directory: string;
  /** Most cases have their work tree here. */
  root: string;
  readonly vault: GitVault;

  constructor(options: Partial<GitVaultOptions> = {}) {
    this.directory = Deno.makeTempDirSync({ prefix: "vault_" });
    this.root = join(this.directory, "work");
    Deno.mkdirSync(this.root);
    Deno.mkdirSync(join(this.directory, "home"));
    const directory = join(this.directory, "data/git");
    this.vault = new GitVault({ directory, gitPath: GIT, now: Date.now, log: silentLog, ...options });
  }

  get stores(): string {
    return join(this.directory, "data/git");
  }

  [Symbol.dispose](): void {
    new Deno.Command("chmod", { args: ["-R", "u+rwX", this.directory], stderr: "null" }).outputSync();
    Deno.removeSync(this.directory, { recursive: true });
  }

  /** Runs git as a user would, in `root` or in a directory beside it. */
  git(
    args: string[],
    options: { in?: string; mayFail?: boolean; env?: Record<string, string> } = {},
  ): string {
    const { success, stdout, stderr } = new Deno.Command(GIT, {
      args: ["-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main", "-c", "gc.auto=0", ...args],
      cwd: options.in ? join(this.directory, options.in) : this.root,
      clearEnv: true,
      env: {
        ...{ PATH: "/usr/bin:/bin", HOME: join(this.directory, "home"), GIT_OPTIONAL_LOCKS: "0" },
        ...WHO,
        ...COMMITTER,
        ...options.env,
      },
    }).outputSync();
    if (!success && !options.mayFail) {
      throw new Error(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    }
    return new TextDecoder("latin1").decode(stdout);
  }

  init(...args: string[]): void {
    this.git(["init", "-q", ...args]);
  }

  /** Commits everything that lies there. */
  commit(message = "a commit"): void {
    this.git(["add", "-A"]);
    this.git(["commit", "-q", "--allow-empty", "-m", message]);
  }

  write(path: string, content: string | Uint8Array): void {
    const target = join(this.root, path);
    Deno.mkdirSync(join(target, ".."), { recursive: true });
    if (typeof content === "string") Deno.writeTextFileSync(target, content);
    else Deno.writeFileSync(target, content);
  }

  read(path: string): string {
    return Deno.readTextFileSync(join(this.root, path));
  }

  remove(path: string): void {
    Deno.removeSync(join(this.root, path), { recursive: true });
  }

  /** For names and kinds of files that the runtime cannot make. */
  sh(script: string, cwd = this.root): string {
    const { success, stdout, stderr } = new Deno.Command("/bin/sh", { args: ["-c", script], cwd })
      .outputSync();
    if (!success) throw new Error(`${script}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder("latin1").decode(stdout);
  }

  /** A hash of all names, kinds, modes, times and bytes below the test's directory, our own data left out. */
  everything(): string {
    const list = "find . -path ./data -prune -o -printf '%p %y %m %s %T@ %l\\n' | sort";
    const bytes = "find . -path ./data -prune -o -type f -print0 | sort -z | xargs -0 -r sha256sum";
    return this.sh(`(${list}; ${bytes}) | sha256sum`, this.directory);
  }

  status(): string {
    return this.git(["status", "--porcelain", "-z", "--branch", "--ignored"], { mayFail: true });
  }

  async capture(options: { keep?: string } = {}): Promise<Capture> {
    return taken(await this.vault.capture(this.root, options));
  }

  /** Snapshots around an edit. */
  async twoTrees(edit: () => void): Promise<TreePair> {
    const before = await this.capture({ keep: "before" });
    edit();
    const after = await this.capture({ keep: "after" });
    return { store: after.store, from: before.tree, to: after.tree };
  }

  /** As `hashFiles` hashes what a snapshot holds. */
  hashOfTree(snapshot: { store: string; tree: string }): string {
    const copy = this.checkOut(snapshot);
    return this.hashFiles(this.listFiles(copy), copy);
  }

  /** Names (NUL-separated) of what a snapshot must hold, told by the user's own git. */
  listRealFiles(): string {
    const all = this.git(["ls-files", "-z", "-c", "-o", "--exclude-standard"]).split("\0");
    const links = this.git(["ls-files", "-z", "-s"]).split("\0").filter((entry) => entry.startsWith("160000"))
      .map((entry) => entry.slice(entry.indexOf("\t") + 1));
    const wanted = new Set(all.filter((path) => path !== "" && !path.endsWith("/") && !links.includes(path)));
    const lying = this.listFiles(this.root).split("\0");
    return lying.filter((path) => wanted.has(path)).sort().map((path) => `${path}\0`).join("");
  }

  /** A hash of names, kinds, executable bits, link targets and bytes of files. */
  hashFiles(list: string, directory = this.root): string {
    const names = join(this.directory, "data/names");
    Deno.writeFileSync(names, Uint8Array.from(list, (byte) => byte.charCodeAt(0)));
    const tar =
      "tar --null --verbatim-files-from -T - --no-recursion --format=pax --pax-option=delete=mtime,delete=atime,delete=ctime" +
      " --mtime=@0 --owner=0 --group=0 --numeric-owner --hard-dereference --mode=a+rX,u+w,go-w -cf -";
    return this.sh(`export LC_ALL=C; ${tar} < '${names}' | sha256sum`, directory);
  }

  /** Writes a snapshot to a directory of its own, out of our store alone. */
  checkOut({ store, tree }: { store: string; tree: string }): string {
    const target = Deno.makeTempDirSync({ dir: this.directory, prefix: "out_" });
    const env = {
      GIT_DIR: join(this.stores, store),
      GIT_INDEX_FILE: `${target}.index`,
      GIT_WORK_TREE: target,
    };
    this.git(["read-tree", tree], { env, in: "data" });
    this.git(["checkout-index", "-a", `--prefix=${target}/`], { env, in: "data" });
    return target;
  }

  /** All files below a directory, NUL-separated and sorted by bytes. */
  listFiles(directory: string): string {
    return this.sh("find . ! -type d -printf '%P\\0' | LC_ALL=C sort -z", directory);
  }
}

export function taken(result: Capture | CaptureFailure): Capture {
  if ("failure" in result) throw new Error(result.failure);
  return result;
}
