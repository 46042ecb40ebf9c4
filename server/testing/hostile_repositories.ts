// Repositories that try to run a program, or to get at files elsewhere, when somebody so much as looks at them.
import { dirname, join } from "node:path";

/** A repository with a trap, laid out for a test. */
export interface Trap {
  /** Root of the work tree. */
  root: string;
  /** Where the trap's programs leave their mark. */
  canaries: string;
  /** A place outside that nothing may be read from or written to. */
  outside: string;
  /** A line for a shell that leaves a mark. */
  touch: (name: string) => string;
  /** Runs git in the repository as a careless program would. */
  git: (...args: string[]) => Promise<string>;
  write: (path: string, text: string) => Promise<void>;
}

export interface Vector {
  name: string;
  /** Sets the trap in a repository with one commit of `a.txt` and `dir/b.txt`. */
  set: (trap: Trap) => Promise<void>;
  /** What springs it for whoever is careless; missing where that takes a network or a terminal. */
  careless?: (trap: Trap) => Promise<unknown>;
  /** What happens between two snapshots. */
  attack?: (trap: Trap) => Promise<void>;
  /** Where a session may begin; the root unless said otherwise. */
  inside?: string;
}

/** Text of the file outside. */
export const OUTSIDE_SECRET = "outside-secret-5f1c9d";

/** Lays out a repository below `directory` and sets the trap. */
export async function layTrap(directory: string, vector: Vector): Promise<Trap> {
  const [root, canaries, outside] = ["repository", "canaries", "outside"].map((name) =>
    join(directory, name)
  );
  if (!root || !canaries || !outside) throw new TypeError("A path is missing");
  for (const path of [root, canaries, outside]) await Deno.mkdir(path);
  await Deno.writeTextFile(join(outside, "b.txt"), OUTSIDE_SECRET);
  const trap: Trap = {
    ...{ root, canaries, outside },
    touch: (name) => `touch '${join(canaries, name)}'`,
    git: (...args) => carelessGit(root, args),
    write: async (path, text) => {
      await Deno.mkdir(dirname(join(root, path)), { recursive: true });
      await Deno.writeTextFile(join(root, path), text);
    },
  };
  await trap.git("init", "-q", "-b", "main");
  await trap.write("a.txt", "one\ntwo\n");
  await trap.write("dir/b.txt", "bee\n");
  await trap.git("add", "-A");
  await trap.git("commit", "-q", "-m", "first");
  await vector.set(trap);
  return trap;
}

async function carelessGit(root: string, args: string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command("git", {
    args,
    cwd: root,
    clearEnv: true,
    env: {
      ...{
        PATH: "/usr/bin:/bin",
        HOME: "/nonexistent",
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_CONFIG_NOSYSTEM: "1",
      },
      ...{
        GIT_AUTHOR_NAME: "A",
        GIT_AUTHOR_EMAIL: "a@b",
        GIT_COMMITTER_NAME: "A",
        GIT_COMMITTER_EMAIL: "a@b",
      },
      GIT_TERMINAL_PROMPT: "0",
    },
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

async function script(path: string, line: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, `#!/bin/sh\n${line}\ncat 2>/dev/null\nexit 0\n`, { mode: 0o755 });
}

const HOOKS = [
  "post-index-change",
  "pre-commit",
  "post-checkout",
  "post-merge",
  "reference-transaction",
  "fsmonitor",
];

async function hooks(directory: string, { touch }: Trap): Promise<void> {
  for (const hook of HOOKS) await script(join(directory, hook), touch(`hook-${hook}`));
}

const addAll = ({ git }: Trap): Promise<string> => git("add", "-A");
const status = ({ git }: Trap): Promise<string> => git("status");
const diff = ({ git }: Trap): Promise<string> => git("diff", "HEAD");
/** Looked up last, so that the program sees a change whatever its clock says. */
const edit = ({ write }: Trap): Promise<void> => write("a.txt", "one\ntwo\nthree, edited carelessly\n");

/** A driver of a filter that is named by attributes and defined by the repository's own configuration. */
function filter(
  kind: "clean" | "smudge" | "process",
  place: ".gitattributes" | ".git/info/attributes",
): Vector {
  return {
    name: `filter.${kind} by ${place}`,
    set: async (trap) => {
      await trap.git(
        "config",
        `filter.evil.${kind}`,
        kind === "process" ? trap.touch(kind) : `${trap.touch(kind)}; cat`,
      );
      await trap.write(place, "* filter=evil\n");
    },
    careless: async (trap) => {
      await edit(trap);
      await addAll(trap);
      if (kind !== "smudge") return;
      await Deno.remove(join(trap.root, "a.txt"));
      await trap.git("checkout", "--", "a.txt");
    },
  };
}

function config(
  name: string,
  settings: (trap: Trap) => Record<string, string>,
  careless?: Vector["careless"],
): Vector {
  return {
    name,
    set: async (trap) => {
      for (const [key, value] of Object.entries(settings(trap))) await trap.git("config", key, value);
    },
    ...(careless ? { careless } : {}),
  };
}

export const VECTORS: Vector[] = [
  {
    name: "hooks",
    set: (trap) => hooks(join(trap.root, ".git/hooks"), trap),
    careless: async (trap) => {
      await edit(trap);
      await addAll(trap);
    },
  },
  {
    name: "core.hooksPath",
    set: async (trap) => {
      await hooks(join(trap.root, "dir/hooks"), trap);
      await trap.git("config", "core.hooksPath", "dir/hooks");
    },
    careless: addAll,
  },
  filter("clean", ".gitattributes"),
  filter("smudge", ".gitattributes"),
  filter("process", ".gitattributes"),
  filter("clean", ".git/info/attributes"),
  {
    name: "diff.*.textconv",
    set: async (trap) => {
      await trap.git("config", "diff.evil.textconv", `${trap.touch("textconv")}; cat`);
      await trap.git("config", "diff.evil.cachetextconv", "true");
      await trap.write(".gitattributes", "* diff=evil\n");
    },
    careless: async (trap) => {
      await edit(trap);
      await diff(trap);
    },
  },
  {
    name: "diff.*.command",
    set: async (trap) => {
      await trap.git("config", "diff.evil.command", trap.touch("diff-command"));
      await trap.write(".gitattributes", "* diff=evil\n");
    },
    careless: async (trap) => {
      await edit(trap);
      await diff(trap);
    },
  },
  config("diff.external", ({ touch }) => ({ "diff.external": touch("external") }), async (trap) => {
    await edit(trap);
    await diff(trap);
  }),
  config("core.fsmonitor", ({ touch }) => ({ "core.fsmonitor": touch("fsmonitor") }), status),
  config("core.worktree", ({ outside }) => ({ "core.worktree": outside })),
  {
    name: "include.path",
    set: async (trap) => {
      await trap.write("dir/config", `[core]\n\tfsmonitor = "${trap.touch("include")}"\n`);
      await trap.git("config", "include.path", "../dir/config");
    },
    careless: status,
  },
  {
    name: "includeIf",
    set: async (trap) => {
      await trap.write("dir/config", `[core]\n\tfsmonitor = "${trap.touch("include-if")}"\n`);
      await trap.git("config", `includeIf.gitdir:${trap.root}/.path`, "../dir/config");
    },
    careless: status,
  },
  {
    name: "submodule URL and update command",
    set: async (trap) => {
      const commit = (await trap.git("rev-parse", "HEAD")).trim();
      await trap.git("config", "protocol.ext.allow", "always");
      await trap.git("config", "submodule.sub.url", `ext::sh -c ${trap.touch("url").replaceAll(" ", "% ")}`);
      await trap.git("config", "submodule.sub.update", `!${trap.touch("update")}`);
      await trap.git("config", "submodule.recurse", "true");
      await trap.write(
        ".gitmodules",
        '[submodule "sub"]\n\tpath = sub\n\turl = ./sub\n\tupdate = !touch pwned\n',
      );
      await trap.git("update-index", "--add", "--cacheinfo", `160000,${commit},sub`);
      await trap.git("commit", "-q", "-m", "sub");
      await Deno.mkdir(join(trap.root, "sub"), { recursive: true });
    },
  },
  {
    name: "a submodule with a configuration of its own",
    set: async (trap) => {
      const sub = join(trap.root, "sub");
      await trap.git("init", "-q", "sub");
      await carelessGit(sub, ["commit", "-q", "--allow-empty", "-m", "inner"]);
      await trap.git("add", "sub");
      await trap.git("commit", "-q", "-m", "sub");
      await carelessGit(sub, ["config", "core.fsmonitor", trap.touch("submodule-fsmonitor")]);
    },
    careless: status,
  },
  config("core.pager and its kind", ({ touch }) => ({
    "core.pager": touch("pager"),
    "pager.diff": touch("pager-diff"),
    "interactive.diffFilter": touch("diff-filter"),
  })),
  config(
    "core.editor",
    ({ touch }) => ({ "core.editor": touch("editor"), "sequence.editor": touch("sequence") }),
    async (trap) => {
      await addAll(trap);
      await trap.git("commit", "--amend");
    },
  ),
  config("core.sshCommand", ({ touch }) => ({
    "core.sshCommand": touch("ssh"),
    "remote.origin.url": "ssh://nowhere.invalid/x",
    "branch.main.remote": "origin",
    "branch.main.merge": "refs/heads/main",
  }), ({ git }) => git("fetch", "origin")),
  config("credential helper and askpass", ({ touch }) => ({
    "credential.helper": `!${touch("credential")}`,
    "core.askPass": touch("askpass"),
    "remote.origin.url": "https://nowhere.invalid/x",
  })),
  {
    name: "gpg.program",
    set: async (trap) => {
      const commit = await trap.git("cat-file", "commit", "HEAD");
      const signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n none\n -----END PGP SIGNATURE-----\n\n";
      await trap.write(".git/signed", commit.replace("\n\n", `\n${signature}`));
      const signed = await trap.git("hash-object", "-t", "commit", "-w", ".git/signed");
      await trap.git("update-ref", "refs/heads/main", signed.trim());
      await script(join(trap.outside, "gpg"), trap.touch("gpg"));
      await trap.git("config", "gpg.program", join(trap.outside, "gpg"));
      await trap.git("config", "log.showSignature", "true");
    },
    careless: ({ git }) => git("log"),
  },
  {
    name: "an embedded bare repository",
    inside: "dir/bare",
    set: async (trap) => {
      const bare = join(trap.root, "dir/bare");
      await trap.git("init", "-q", "--bare", "dir/bare");
      await carelessGit(bare, ["config", "core.bare", "false"]);
      await carelessGit(bare, ["config", "core.worktree", trap.root]);
      await carelessGit(bare, ["config", "core.fsmonitor", trap.touch("bare-fsmonitor")]);
      await hooks(join(bare, "hooks"), trap);
    },
    careless: ({ root }) => carelessGit(join(root, "dir/bare"), ["status"]),
  },
  {
    name: "alternates elsewhere",
    set: async (trap) => {
      await carelessGit(trap.outside, ["init", "-q"]);
      await Deno.writeTextFile(
        join(trap.root, ".git/objects/info/alternates"),
        `${trap.outside}/.git/objects\n`,
      );
    },
  },
  {
    name: "a .git file that points elsewhere",
    set: async (trap) => {
      const elsewhere = join(trap.outside, "repository");
      await Deno.rename(join(trap.root, ".git"), elsewhere);
      await trap.write(".git", `gitdir: ${elsewhere}\n`);
      await trap.git("config", "core.fsmonitor", trap.touch("gitfile"));
      await hooks(join(elsewhere, "hooks"), trap);
    },
    careless: status,
  },
  {
    name: "a promisor remote that is asked for what is missing",
    set: async (trap) => {
      const blob = (await trap.git("rev-parse", "HEAD:a.txt")).trim();
      await trap.git("config", "core.repositoryFormatVersion", "1");
      await trap.git("config", "extensions.partialClone", "origin");
      await trap.git("config", "remote.origin.promisor", "true");
      await trap.git("config", "protocol.ext.allow", "always");
      await trap.git(
        "config",
        "remote.origin.url",
        `ext::sh -c ${trap.touch("lazy-fetch").replaceAll(" ", "% ")}`,
      );
      await Deno.remove(join(trap.root, ".git/objects", blob.slice(0, 2), blob.slice(2)));
    },
    careless: async (trap) => {
      await edit(trap);
      await diff(trap);
    },
  },
  {
    name: "symbolic links to the outside",
    set: async (trap) => {
      await Deno.symlink(join(trap.outside, "b.txt"), join(trap.root, "leak.txt"));
      await Deno.symlink(trap.outside, join(trap.root, "leak"));
      await Deno.remove(join(trap.root, "dir"), { recursive: true });
      await Deno.symlink(trap.outside, join(trap.root, "dir"));
    },
  },
  {
    name: "a directory that becomes a link to the outside",
    set: () => Promise.resolve(),
    attack: async ({ root, outside }) => {
      await Deno.remove(join(root, "dir"), { recursive: true });
      await Deno.symlink(outside, join(root, "dir"));
    },
  },
  {
    name: "a file that becomes a link to the outside",
    set: () => Promise.resolve(),
    attack: async ({ root, outside }) => {
      await Deno.remove(join(root, "dir/b.txt"));
      await Deno.symlink(join(outside, "b.txt"), join(root, "dir/b.txt"));
    },
  },
  {
    name: "names that look like options, patterns and commands",
    set: async ({ write, touch, canaries }) => {
      for (const name of ["--help", "-x", ":(top)a.txt", "*", "a\nb.txt", '"quoted"', "$(touch x)"]) {
        await write(`names/${name}`, "text\n");
        await write(name, "text\n");
      }
      await write(`--output=${canaries.replaceAll("/", "_")}`, touch("name"));
    },
    attack: async ({ write }) => {
      for (const name of ["--help", ":(top)a.txt", "a\nb.txt"]) await write(name, "other text\n");
    },
  },
  {
    name: "a repository of another user",
    set: async (trap) => {
      await trap.git("config", "core.fsmonitor", trap.touch("owner"));
      if (Deno.uid() === 0) await new Deno.Command("chown", { args: ["-R", "12345", trap.root] }).output();
    },
  },
  {
    name: "attributes that change bytes",
    set: (trap) =>
      trap.write(
        ".gitattributes",
        "* text eol=crlf ident working-tree-encoding=UTF-16 export-subst merge=evil\n",
      ),
  },
];
