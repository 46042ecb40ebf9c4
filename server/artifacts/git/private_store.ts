// One private git directory per work tree, in the data directory: its objects are ours and outlive the repository.
import { createHash } from "node:crypto";
import { dirname, join, relative } from "node:path";
import { AppError } from "../../errors.ts";
import type { GitCall, GitResult, GitRunner, GitStream } from "./git_runner.ts";
import type { ObjectFormat } from "./repository_state.ts";
import { lookAt, unlessMissing } from "./small_files.ts";

/** Larger files are not loaded whole: they are streamed when stored, and compared as binary. */
const BIG_FILE_BYTES = 32 * 1024 * 1024;
const STORE_NAME = /^[0-9a-f]{32}$/;
const KEEP_NAME = /^(?!.*(?:\.\.|\.lock$))[A-Za-z0-9_][A-Za-z0-9._-]{0,119}$/;
const TREE_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** No driver has a definition here, and the attributes win over those of the repository: bytes stay bytes. */
const ATTRIBUTES = "* -text !eol -ident -filter !working-tree-encoding !diff !merge !export-subst\n";

/** What a call says beside where it runs. */
export type StoreCall = Omit<GitCall, "gitDirectory">;

/** A store that exists on the disk. */
export class PrivateStore {
  readonly name: string;
  readonly path: string;
  readonly #git: GitRunner;

  constructor(options: { name: string; path: string; git: GitRunner }) {
    this.name = options.name;
    this.path = options.path;
    this.#git = options.git;
  }

  get indexFile(): string {
    return join(this.path, "index");
  }

  /** The work tree it is for. */
  get root(): string {
    return Deno.readTextFileSync(join(this.path, "root")).slice(0, -1);
  }

  /** Runs git here; the exit code is the caller's to judge. */
  run(call: StoreCall): Promise<GitResult> {
    return this.#git.run({ ...call, gitDirectory: this.path });
  }

  /** Output of a run that must go well; throws `unavailable` with git's words otherwise. */
  async ask(call: StoreCall): Promise<Uint8Array<ArrayBuffer>> {
    const result = await this.run(call);
    if (result.code !== 0) throw new GitFailure(call.args[0] ?? "", result);
    return result.stdout;
  }

  start(call: StoreCall, withInput = false): GitStream {
    return this.#git.start({ ...call, gitDirectory: this.path }, withInput);
  }

  /** A git directory with the same settings and objects but no attributes of its own; the caller removes it. */
  bareView(path: string): PrivateStore {
    for (const part of ["refs", "info"]) Deno.mkdirSync(join(path, part), { recursive: true, mode: 0o700 });
    for (const file of ["HEAD", "config"]) Deno.copyFileSync(join(this.path, file), join(path, file));
    Deno.symlinkSync(join(this.path, "objects"), join(path, "objects"));
    return new PrivateStore({ name: this.name, path, git: this.#git });
  }

  /** Keeps a tree under a name, in place of what the name kept before. */
  keep(name: string, tree: string): void {
    const path = join(this.#keepDirectory, keepName(name));
    Deno.mkdirSync(this.#keepDirectory, { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(`${path}.lock`, `${tree}\n`, { mode: 0o600 });
    Deno.renameSync(`${path}.lock`, path);
  }

  release(name: string): void {
    unlessMissing(() => Deno.removeSync(join(this.#keepDirectory, keepName(name))));
  }

  /** Names that keep a tree. */
  listKept(): string[] {
    const entries = unlessMissing(() => [...Deno.readDirSync(this.#keepDirectory)]) ?? [];
    return entries.map(({ name }) => name).filter((name) => !name.endsWith(".lock"));
  }

  /** Whether any name keeps a tree. */
  keepsSomething(): boolean {
    return this.listKept().length > 0;
  }

  /** The next capture reads every file again. */
  forgetIndex(): void {
    unlessMissing(() => Deno.removeSync(this.indexFile));
  }

  remove(): void {
    Deno.removeSync(this.path, { recursive: true });
  }

  /** What a killed run left; only while nothing else runs here. */
  clearLeftovers(): void {
    for (const name of ["index.lock", "borrowed_index.lock"]) {
      unlessMissing(() => Deno.removeSync(join(this.path, name)));
    }
  }

  get #keepDirectory(): string {
    return join(this.path, "refs/keep");
  }
}

/** Git said no; the message carries its last line. */
export class GitFailure extends AppError {
  readonly crashed: boolean;

  constructor(command: string, result: GitResult) {
    const said = new TextDecoder().decode(result.stderr).trim().split("\n").at(-1) ?? "";
    super("unavailable", `Git ${command} failed: ${said || `exit code ${result.code}`}`);
    this.crashed = result.crashed;
  }
}

/** Finds and makes the stores below one directory. */
export class PrivateStores {
  readonly #directory: string;
  readonly #git: GitRunner;

  constructor(options: { directory: string; git: GitRunner }) {
    this.#directory = options.directory;
    this.#git = options.git;
  }

  /** The store of a work tree; made, or its settings written again, when `state` says how. */
  prepare(root: string, state: { objectFormat: ObjectFormat; exclude: string }): PrivateStore {
    const name = storeName(root, state.objectFormat);
    const path = join(this.#directory, name);
    for (const part of ["info", "objects/info", "objects/pack", "refs/keep"]) {
      Deno.mkdirSync(join(path, part), { recursive: true, mode: 0o700 });
    }
    writePrivate(join(path, "root"), `${root}\n`);
    writePrivate(join(path, "config"), configText(state.objectFormat));
    writePrivate(join(path, "info/attributes"), ATTRIBUTES);
    writePrivate(join(path, "info/exclude"), `${state.exclude}\n${this.#ownExclusion(root)}`);
    writePrivate(join(path, "HEAD"), "ref: refs/heads/none\n");
    return new PrivateStore({ name, path, git: this.#git });
  }

  /** Every store there is. */
  list(): PrivateStore[] {
    const names = [...Deno.readDirSync(this.#directory)].map(({ name }) => name);
    return names.filter((name) => this.#has(name)).map((name) => this.open(name));
  }

  /** A store by its name; throws `not_found` when it is gone. */
  open(name: string): PrivateStore {
    if (!this.#has(name)) throw new AppError("not_found", "The snapshots of this work tree are gone");
    return new PrivateStore({ name, path: join(this.#directory, name), git: this.#git });
  }

  #has(name: string): boolean {
    return STORE_NAME.test(name) && lookAt(join(this.#directory, name, "HEAD")) !== undefined;
  }

  /** Our own data is never part of a snapshot, not even where a home directory is a repository. */
  #ownExclusion(root: string): string {
    const inside = relative(root, dirname(this.#directory));
    if (inside === "" || inside.startsWith("..")) return "";
    return `/${inside.replace(/[\\*?[\]#! ]/g, "\\$&")}/\n`;
  }
}

/** Throws `invalid` for what is no tree of a store. */
export function checkTree(tree: string): string {
  if (!TREE_ID.test(tree)) throw new AppError("invalid", "This is not the id of a snapshot");
  return tree;
}

function storeName(root: string, format: ObjectFormat): string {
  return createHash("sha256").update(`${root}\0${format}`).digest("hex").slice(0, 32);
}

function keepName(name: string): string {
  if (!KEEP_NAME.test(name)) throw new RangeError(`Cannot keep a snapshot under this name: "${name}"`);
  return name;
}

/** The whole configuration that git sees. */
function configText(format: ObjectFormat): string {
  const isSha256 = format === "sha256";
  return `[core]
	repositoryformatversion = ${isSha256 ? 1 : 0}
	bare = true
	fileMode = true
	symlinks = true
	hooksPath = /dev/null
	fsmonitor = false
	attributesFile = /dev/null
	quotePath = true
	autocrlf = false
	safecrlf = false
	protectHFS = false
	protectNTFS = false
	commitGraph = false
	multiPackIndex = false
	compression = 1
	bigFileThreshold = ${BIG_FILE_BYTES}
${isSha256 ? "[extensions]\n\tobjectFormat = sha256\n" : ""}[protocol]
	allow = never
[submodule]
	recurse = false
[gc]
	auto = 0
[maintenance]
	auto = false
[pack]
	threads = 1
	useBitmaps = false
	windowMemory = 64m
`;
}

function writePrivate(path: string, text: string): void {
  if (unlessMissing(() => Deno.readTextFileSync(path)) === text) return;
  Deno.writeTextFileSync(path, text, { mode: 0o600 });
}
