// What a git process gets to see, and how it ends.
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { GitRunner, OutputLimitError } from "./git_runner.ts";

/** A directory with a program in place of git. */
async function withProgram(
  script: string,
  work: (runner: GitRunner, directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    const program = join(directory, "git");
    await Deno.writeTextFile(program, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
    await work(new GitRunner(program), directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function untilGone(pid: number): Promise<void> {
  const state = async (): Promise<string> => {
    const text = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => ") X");
    return text.slice(text.lastIndexOf(")") + 2)[0] ?? "X";
  };
  while (!["X", "Z"].includes(await state())) await new Promise((resolve) => setTimeout(resolve, 20));
}

Deno.test("git sees an environment of ours alone, and runs politely", async () => {
  await withProgram("env; echo niceness=$(nice)", async (runner, directory) => {
    const { stdout } = await runner.run({ args: [], gitDirectory: directory, borrowedObjects: ['/a:b/"c'] });
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    const seen = new Map(
      lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    equal(seen.get("GIT_DIR"), directory);
    equal(seen.get("HOME"), directory);
    equal(seen.get("GIT_ALTERNATE_OBJECT_DIRECTORIES"), '"/a:b/\\"c"');
    ok(Number(seen.get("niceness")) >= 10);
    const others = [...seen.keys()].filter((name) =>
      !/^(GIT_|HOME$|LC_ALL$|PATH$|PWD$|OLDPWD$|SHLVL$|_$|niceness$)/.test(name)
    );
    deepEqual(others, []);
  });
});

Deno.test("an aborted run ends with all that it started, and rejects with the reason", async () => {
  await withProgram("sleep 1000 & echo $!; wait", async (runner, directory) => {
    const controller = new AbortController();
    const stream = runner.start({ args: [], gitDirectory: directory, signal: controller.signal }, false);
    const reader = stream.output.getReader();
    const { value } = await reader.read();
    controller.abort(new Error("time is up"));
    await rejects(stream.finished, /time is up/);
    await untilGone(Number(new TextDecoder().decode(value)));
    await reader.cancel();
  });
});

Deno.test("too much output ends a run", async () => {
  await withProgram("yes", async (runner, directory) => {
    await rejects(
      runner.run({ args: [], gitDirectory: directory, maxOutputBytes: 100_000 }),
      OutputLimitError,
    );
  });
});

Deno.test("input that nobody reads does no harm; errors and codes come through", async () => {
  await withProgram("echo wrong >&2; exit 3", async (runner, directory) => {
    const { code, stderr } = await runner.run({
      args: [],
      gitDirectory: directory,
      input: new Uint8Array(1_000_000),
    });
    equal(code, 3);
    equal(new TextDecoder().decode(stderr), "wrong\n");
  });
});

Deno.test("a git that is not there is unavailable", async () => {
  const runner = new GitRunner("/nowhere/git");
  await rejects(runner.run({ args: [], gitDirectory: "/nowhere" }), { code: "unavailable" });
});
