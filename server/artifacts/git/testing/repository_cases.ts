// The corpus: one repository per thing that can be special about one, what an agent does to it, and what must show.
import { join } from "node:path";
import type { TestBench } from "./git_repository.ts";

export interface RepositoryCase {
  name: string;
  build(bench: TestBench): void;
  /** What happens between the two snapshots. */
  edit(bench: TestBench): void;
  /** `STATUS path` or `STATUS kind path`, sorted by path; renames as `R old -> new`. */
  expected: string[];
  /** What a note must say. */
  note?: RegExp;
  /** The user's git cannot say what lies there. */
  isOpaque?: boolean;
  conflicts?: string[];
}

const LINES = Array.from({ length: 40 }, (_, index) => `line ${index}`).join("\n") + "\n";

/** Two committed files, with more on top. */
function plain(bench: TestBench): void {
  bench.init();
  bench.write("a.txt", LINES);
  bench.write("dir/b.txt", "b\n");
  bench.commit();
}

function editA(bench: TestBench): void {
  bench.write("a.txt", LINES.replace("line 7", "line seven"));
}

function withAttributes(bench: TestBench, text: string): void {
  bench.init();
  bench.write(".gitattributes", text);
}

export const REPOSITORY_CASES: RepositoryCase[] = [
  { name: "clean", build: plain, edit: editA, expected: ["M a.txt"] },
  { name: "nothing happens", build: plain, edit: () => undefined, expected: [] },
  {
    name: "dirty before",
    build(bench): void {
      plain(bench);
      bench.write("dir/b.txt", "dirty\n");
      bench.write("new.txt", "untracked\n");
    },
    edit: editA,
    expected: ["M a.txt"],
  },
  {
    name: "staged, then changed again",
    build(bench): void {
      plain(bench);
      bench.write("a.txt", "staged\n");
      bench.git(["add", "a.txt"]);
      bench.write("a.txt", "staged and changed\n");
    },
    edit: (bench) => bench.git(["commit", "-q", "-m", "the staged part"]),
    expected: [],
  },
  {
    name: "committed by the agent",
    build: plain,
    edit(bench): void {
      editA(bench);
      bench.write("c.txt", "c\n");
      bench.commit("by the agent");
    },
    expected: ["M a.txt", "A c.txt"],
  },
  {
    name: "untracked and ignored",
    build(bench): void {
      plain(bench);
      bench.write(".gitignore", "*.log\n/out/\n");
      bench.commit();
    },
    edit(bench): void {
      bench.write("x.log", "ignored\n");
      bench.write("out/y", "ignored\n");
      bench.write("sub/z.txt", "z\n");
    },
    expected: ["A sub/z.txt"],
  },
  {
    name: "tracked in spite of the ignore rules",
    build(bench): void {
      bench.init();
      bench.write("kept.log", "one\n");
      bench.commit();
      bench.write(".gitignore", "*.log\n");
      bench.commit();
    },
    edit: (bench) => bench.write("kept.log", "two\n"),
    expected: ["M kept.log"],
  },
  {
    name: "ignored by info/exclude",
    build(bench): void {
      plain(bench);
      bench.write(".git/info/exclude", "secret*\n");
    },
    edit(bench): void {
      bench.write("secret.txt", "x");
      bench.write("open.txt", "x");
    },
    expected: ["A open.txt"],
  },
  {
    name: "no first commit",
    build(bench): void {
      bench.init();
      bench.write("a.txt", "a\n");
      bench.write("b.txt", "b\n");
      bench.git(["add", "a.txt"]);
    },
    edit: (bench) => bench.commit("first"),
    expected: [],
  },
  {
    name: "empty without a commit",
    build: (bench) => bench.init(),
    edit: (bench) => bench.write("first.txt", "1\n"),
    expected: ["A first.txt"],
  },
  {
    name: "detached HEAD",
    build(bench): void {
      plain(bench);
      bench.git(["checkout", "-q", "--detach"]);
    },
    edit: editA,
    expected: ["M a.txt"],
  },
  {
    name: "linked work tree",
    build(bench): void {
      plain(bench);
      bench.git(["worktree", "add", "-q", "../linked", "-b", "side"]);
      bench.root = join(bench.directory, "linked");
    },
    edit: editA,
    expected: ["M a.txt"],
  },
  {
    name: "sparse checkout",
    build(bench): void {
      plain(bench);
      bench.write("far/c.txt", "c\n");
      bench.commit();
      bench.git(["sparse-checkout", "set", "--cone", "dir"]);
    },
    edit: (bench) => bench.write("dir/b.txt", "changed\n"),
    expected: ["M dir/b.txt"],
    note: /Sparse checkout/,
  },
  {
    name: "sparse index",
    build(bench): void {
      plain(bench);
      bench.write("far/away/c.txt", "c\n");
      bench.commit();
      bench.git(["sparse-checkout", "set", "--cone", "--sparse-index", "dir"]);
    },
    edit: (bench) => bench.write("dir/b.txt", "changed\n"),
    expected: ["M dir/b.txt"],
    note: /Sparse checkout/,
  },
  {
    name: "split index",
    build(bench): void {
      plain(bench);
      bench.git(["update-index", "--split-index"]);
      bench.write("later.txt", "x\n");
      bench.git(["add", "later.txt"]);
    },
    edit: editA,
    expected: ["M a.txt"],
  },
  {
    name: "submodule",
    build(bench): void {
      bench.git(["init", "-q", "lib"], { in: "." });
      bench.git(["commit", "-q", "--allow-empty", "-m", "one"], { in: "lib" });
      plain(bench);
      bench.git(["submodule", "--quiet", "add", "../lib", "lib"]);
      bench.commit();
    },
    edit: (bench) => bench.git(["commit", "-q", "--allow-empty", "-m", "two"], { in: "work/lib" }),
    expected: ["M submodule lib"],
  },
  {
    name: "repository inside that is no submodule",
    build(bench): void {
      plain(bench);
      bench.git(["init", "-q", "inner"]);
      bench.write("inner/file.txt", "x\n");
      bench.git(["add", "-A"], { in: "work/inner" });
      bench.git(["commit", "-q", "-m", "one"], { in: "work/inner" });
    },
    edit: (bench) => bench.sh("rm -rf inner/.git"),
    // What was one entry becomes files.
    expected: ["D submodule inner", "A inner/file.txt"],
  },
  {
    name: "repository inside without a commit",
    build(bench): void {
      plain(bench);
      bench.git(["init", "-q", "inner"]);
      bench.write("inner/file.txt", "x\n");
    },
    edit: editA,
    expected: ["M a.txt"],
    note: /"inner" is a repository whose commit cannot be read/,
  },
  {
    name: "bare repository inside",
    build(bench): void {
      plain(bench);
      bench.git(["init", "-q", "--bare", "bare.d"]);
    },
    edit: (bench) => bench.write("bare.d/description", "changed\n"),
    expected: ["M bare.d/description"],
  },
  {
    name: "SHA-256",
    build(bench): void {
      bench.init("--object-format=sha256");
      bench.write("a.txt", LINES);
      bench.commit();
    },
    edit: editA,
    expected: ["M a.txt"],
  },
  {
    name: "names that are not UTF-8",
    build(bench): void {
      bench.init();
      bench.sh(
        "printf x > \"$(printf 'caf\\351.txt')\"; mkdir \"$(printf 'd\\377')\"; printf y > \"$(printf 'd\\377/f')\"",
      );
      bench.commit();
    },
    edit: (bench) => void bench.sh("printf xx > \"$(printf 'caf\\351.txt')\"; rm \"$(printf 'd\\377/f')\""),
    expected: ["M caf\\xe9.txt", "D d\\xff/f"],
  },
  {
    name: "names with quotes, tabs, line ends and direction marks",
    build: plain,
    edit(bench): void {
      bench.write('say "hi"\t.txt', "x\n");
      bench.write("two\nlines", "x\n");
      bench.write("\u202egpj.exe", "x\n");
      bench.write(" -rf *", "x\n");
    },
    expected: ["A  -rf *", "A \\u202egpj.exe", 'A say "hi"\\x09.txt', "A two\\x0alines"],
  },
  {
    name: "names that other systems cannot have",
    build: plain,
    edit(bench): void {
      bench.write("git~1", "x\n");
      bench.write("back\\slash", "x\n");
      bench.write("aux", "x\n");
    },
    expected: ["A aux", "A back\\slash", "A git~1"],
  },
  {
    name: "symbolic links",
    build(bench): void {
      plain(bench);
      bench.sh("ln -s a.txt link; ln -s /etc/passwd out; ln -s nowhere dangling; ln -s dir linkdir");
      bench.commit();
    },
    edit: (bench) =>
      void bench.sh("ln -sfn dir/b.txt link; rm dangling; rm a.txt; ln -s dir/b.txt a.txt; ln -s .. up"),
    expected: ["T symlink a.txt", "D symlink dangling", "M symlink link", "A symlink up"],
  },
  {
    name: "executable bit",
    build: plain,
    edit: (bench) => void bench.sh("chmod +x a.txt"),
    expected: ["M a.txt"],
  },
  {
    name: "pipes beside files",
    build(bench): void {
      plain(bench);
      bench.sh("mkfifo pipe");
    },
    edit: editA,
    expected: ["M a.txt"],
  },
  {
    name: "a tracked file becomes a pipe",
    build: plain,
    edit: (bench) => void bench.sh("rm dir/b.txt; mkfifo dir/b.txt; echo new > dir/c.txt"),
    expected: ["A dir/c.txt"],
    note: /1 file cannot be read and are left out.*dir\/b\.txt/,
    isOpaque: true,
  },
  {
    name: "CRLF with autocrlf",
    build(bench): void {
      bench.init();
      bench.git(["config", "core.autocrlf", "true"]);
      bench.write("dos.txt", "one\r\ntwo\r\n");
      bench.write("mixed.txt", "one\r\ntwo\n");
      bench.commit();
    },
    edit: (bench) => bench.write("dos.txt", "one\ntwo\n"),
    expected: ["M dos.txt"],
  },
  {
    name: "text=auto and eol",
    build(bench): void {
      withAttributes(bench, "* text=auto\n*.dos text eol=crlf\n*.unix text eol=lf\n");
      bench.write("x.dos", "one\r\ntwo\r\n");
      bench.write("y.unix", "one\r\ntwo\r\n");
      bench.commit();
    },
    edit: (bench) => bench.write("y.unix", "one\ntwo\n"),
    expected: ["M y.unix"],
  },
  {
    name: "ident",
    build(bench): void {
      withAttributes(bench, "*.c ident\n");
      bench.write("x.c", "/* $Id: something of ours $ */\n");
      bench.commit();
    },
    edit: (bench) => bench.write("x.c", "/* $Id: something else $ */\n"),
    expected: ["M x.c"],
  },
  {
    name: "working-tree-encoding",
    build(bench): void {
      withAttributes(
        bench,
        "*.u16 text working-tree-encoding=UTF-16LE eol=crlf\n*.bad working-tree-encoding=nonsense\n",
      );
      bench.write("x.u16", Uint8Array.from("h\0i\0\r\0\n\0", (c) => c.charCodeAt(0)));
      bench.git(["add", "x.u16", ".gitattributes"]);
      bench.git(["commit", "-q", "-m", "x"]);
      bench.write("y.bad", "y\n");
    },
    edit: (bench) => bench.write("x.u16", Uint8Array.from("h\0o\0\r\0\n\0", (c) => c.charCodeAt(0))),
    expected: ["M binary x.u16"],
  },
  {
    name: "filter",
    build(bench): void {
      withAttributes(bench, "*.bin filter=upper diff=upper merge=upper\n");
      bench.git(["config", "filter.upper.clean", "tr a-z A-Z"]);
      bench.git(["config", "filter.upper.smudge", "tr A-Z a-z"]);
      bench.git(["config", "filter.upper.required", "true"]);
      bench.write("x.bin", "lower\n");
      bench.commit();
    },
    edit: (bench) => bench.write("x.bin", "lower still\n"),
    expected: ["M filtered x.bin"],
  },
  {
    name: "export-ignore and binary attributes",
    build(bench): void {
      withAttributes(
        bench,
        "x.txt export-ignore -diff\ny.txt export-subst binary\n[attr]odd -text filter=odd\nz.txt odd\n",
      );
      for (const name of ["x", "y", "z"]) bench.write(`${name}.txt`, "$Format:%H$\n");
      bench.commit();
    },
    edit: (bench) => ["x", "y", "z"].forEach((name) => bench.write(`${name}.txt`, "changed\n")),
    expected: ["M x.txt", "M y.txt", "M filtered z.txt"],
  },
  {
    name: "rename with an edit",
    build: plain,
    edit(bench): void {
      bench.remove("a.txt");
      bench.write("moved/a.txt", LINES.replace("line 3", "line three"));
    },
    expected: ["R a.txt -> moved/a.txt"],
  },
  {
    name: "copy of a changed file",
    build: plain,
    edit(bench): void {
      bench.write("copy.txt", LINES);
      editA(bench);
    },
    expected: ["M a.txt", "C a.txt -> copy.txt"],
  },
  {
    name: "a file becomes a directory",
    build: plain,
    edit(bench): void {
      bench.remove("a.txt");
      bench.write("a.txt/inside", "x\n");
    },
    expected: ["D a.txt", "A a.txt/inside"],
  },
  {
    name: "a directory becomes a file",
    build: plain,
    edit(bench): void {
      bench.remove("dir");
      bench.write("dir", "x\n");
    },
    expected: ["A dir", "D dir/b.txt"],
  },
  {
    name: "a directory becomes a link to outside",
    build: plain,
    edit(bench): void {
      bench.sh("mkdir ../outside; echo private > ../outside/b.txt; rm -r dir; ln -s ../outside dir");
    },
    expected: ["A symlink dir", "D dir/b.txt"],
  },
  {
    name: "binary and empty files, empty directories",
    build(bench): void {
      plain(bench);
      bench.write("x.png", new Uint8Array([0, 1, 2, 3]));
      bench.write("empty", "");
      bench.sh("mkdir nothing");
      bench.commit();
    },
    edit(bench): void {
      bench.write("x.png", new Uint8Array([0, 1, 2, 4]));
      bench.write("empty", "no more\n");
      bench.write("empty2", "");
    },
    expected: ["M empty", "A empty2", "M binary x.png"],
  },
  {
    name: "a huge file",
    build(bench): void {
      plain(bench);
      bench.sh("truncate -s 40M huge");
    },
    edit: (bench) => void bench.sh("truncate -s 41M huge"),
    expected: ["M binary huge"],
  },
  {
    name: "merge conflict",
    build(bench): void {
      plain(bench);
      bench.git(["checkout", "-q", "-b", "side"]);
      bench.write("dir/b.txt", "side\n");
      bench.commit();
      bench.git(["checkout", "-q", "main"]);
      bench.write("dir/b.txt", "main\n");
      bench.commit();
    },
    edit: (bench) => bench.git(["merge", "-q", "side"], { mayFail: true }),
    expected: ["M dir/b.txt"],
    conflicts: ["dir/b.txt"],
  },
  {
    name: "stash",
    build(bench): void {
      plain(bench);
      editA(bench);
    },
    edit: (bench) => bench.git(["stash", "-q"]),
    expected: ["M a.txt"],
  },
  {
    name: "packed references, upstream",
    build(bench): void {
      plain(bench);
      bench.git(["clone", "-q", "work", "clone"], { in: "." });
      bench.root = join(bench.directory, "clone");
      bench.git(["pack-refs", "--all"]);
    },
    edit: editA,
    expected: ["M a.txt"],
  },
  {
    name: "shallow clone",
    build(bench): void {
      plain(bench);
      bench.write("a.txt", "second\n");
      bench.commit();
      bench.git(["clone", "-q", "--depth=1", `file://${bench.root}`, "clone"], { in: "." });
      bench.root = join(bench.directory, "clone");
    },
    edit: editA,
    expected: ["M a.txt"],
  },
  {
    name: "partial clone with missing objects",
    build(bench): void {
      plain(bench);
      bench.git(["config", "uploadpack.allowFilter", "true"]);
      bench.git(["clone", "-q", "--filter=blob:none", "--sparse", `file://${bench.root}`, "clone"], {
        in: ".",
      });
      bench.root = join(bench.directory, "clone");
    },
    edit: editA,
    expected: ["M a.txt"],
    note: /Sparse checkout/,
  },
  {
    name: "objects borrowed from another repository",
    build(bench): void {
      plain(bench);
      bench.git(["clone", "-q", "--shared", "work", "clone"], { in: "." });
      bench.root = join(bench.directory, "clone");
    },
    edit: editA,
    expected: ["M a.txt"],
  },
  {
    name: "files that git is told to overlook",
    build(bench): void {
      plain(bench);
      bench.git(["update-index", "--assume-unchanged", "a.txt"]);
      bench.git(["update-index", "--skip-worktree", "dir/b.txt"]);
      bench.write("later", "x\n");
      bench.git(["add", "--intent-to-add", "later"]);
    },
    edit(bench): void {
      editA(bench);
      bench.write("dir/b.txt", "changed\n");
    },
    expected: ["M a.txt", "M dir/b.txt"],
  },
  {
    name: "replaced objects",
    build(bench): void {
      plain(bench);
      bench.sh("git replace -f $(git rev-parse HEAD:a.txt) $(git rev-parse HEAD:dir/b.txt)");
    },
    edit: editA,
    expected: ["M a.txt"],
  },
  {
    name: "no index",
    build(bench): void {
      plain(bench);
      bench.remove(".git/index");
    },
    edit: editA,
    expected: ["M a.txt"],
  },
  {
    name: "references as a reftable",
    build(bench): void {
      plain(bench);
      bench.sh(
        "git config core.repositoryFormatVersion 1; git config extensions.refStorage reftable; mkdir .git/reftable",
      );
    },
    edit: editA,
    expected: ["M a.txt"],
    note: /reftable/,
    isOpaque: true,
  },
  {
    name: "same size and time",
    build(bench): void {
      plain(bench);
      bench.write("racy", "one\n");
      bench.commit();
    },
    edit: (bench) =>
      void bench.sh("touch -r racy ../stamp; printf 'two\\n' > racy; touch -r ../stamp racy; rm ../stamp"),
    expected: ["M racy"],
  },
  {
    name: "thousands of tracked files",
    build(bench): void {
      bench.init();
      for (let index = 0; index < 1500; index++) {
        bench.write(`many/${index % 20}/${index}.txt`, `file ${index}\n`);
      }
      bench.commit();
      bench.write("many/0/0.txt", "changed before\n");
    },
    edit: (bench) => bench.write("many/1/1.txt", "changed\n"),
    expected: ["M many/1/1.txt"],
  },
  {
    name: "thousands of untracked files",
    build(bench): void {
      plain(bench);
      for (let index = 0; index < 1500; index++) {
        bench.write(`many/${index % 20}/${index}.txt`, `file ${index}\n`);
      }
    },
    edit: (bench) => bench.write("many/1/1.txt", "changed\n"),
    expected: ["M many/1/1.txt"],
  },
];
