// Figures of git snapshots in a large repository, each beside plain git doing the same into a private index.
// deno-lint-ignore-file no-console -- a command line tool
import type { ChangeList, SnapshotList, SnapshotView } from "../server/protocol.ts";
import { describeTimes, measureEcho, type Scene, wait, withProgram } from "./bench_scene.ts";

const DIRECTORIES = 1000;
const FILES_PER_DIRECTORY = 100;
const CHANGES = 500;
const SAMPLE_MS = 5;

interface Figure {
  ms: number;
  /** Peak resident megabytes of all git processes together. */
  peakMb: number;
}

/** 100,000 files of about 600 bytes, committed. */
async function createRepository(root: string): Promise<void> {
  await Deno.mkdir(root);
  await runGit(root, ["init", "-q"]);
  for (let directory = 0; directory < DIRECTORIES; directory++) {
    Deno.mkdirSync(`${root}/d${directory}`);
    for (let file = 0; file < FILES_PER_DIRECTORY; file++) {
      Deno.writeTextFileSync(
        `${root}/d${directory}/f${file}.txt`,
        `${directory}.${file} lorem ipsum\n`.repeat(30),
      );
    }
  }
  await runGit(root, ["add", "-A"]);
  await runGit(root, ["-c", "user.name=B", "-c", "user.email=b@b", "commit", "-q", "-m", "all"]);
}

async function edit(root: string, round: number): Promise<void> {
  for (let n = 0; n < CHANGES; n++) {
    await Deno.writeTextFile(`${root}/d${n}/f${n % 100}.txt`, `change ${n} of round ${round}\n`);
  }
}

async function runGit(cwd: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const { success, stderr } = await new Deno.Command("git", { args, cwd, env }).output();
  if (!success) throw new Error(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** Status, and everything into an index and an object store of our own. */
async function plainGit(root: string, store: string): Promise<void> {
  await runGit(root, ["status", "--porcelain"], { GIT_OPTIONAL_LOCKS: "0" });
  const env = {
    GIT_INDEX_FILE: `${store}/index`,
    GIT_OBJECT_DIRECTORY: `${store}/objects`,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: `${root}/.git/objects`,
  };
  await Deno.mkdir(env.GIT_OBJECT_DIRECTORY, { recursive: true });
  await runGit(root, ["add", "-A"], env);
  await runGit(root, ["write-tree"], env);
}

/** Time and memory of everything called git that runs meanwhile. */
async function measure(work: () => Promise<unknown>): Promise<Figure> {
  let peakMb = 0;
  const sampler = setInterval(() => peakMb = Math.max(peakMb, gitMegabytes()), SAMPLE_MS);
  const startedAt = performance.now();
  try {
    await work();
    return { ms: performance.now() - startedAt, peakMb };
  } finally {
    clearInterval(sampler);
  }
}

function gitMegabytes(): number {
  let kilobytes = 0;
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const status = readStatus(name);
    if (!/^Name:\s+git$/m.test(status)) continue;
    kilobytes += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return kilobytes / 1024;
}

function readStatus(pid: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/status`);
  } catch {
    // It ended in between.
    return "";
  }
}

function peakMegabytesOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readStatus(String(pid)))?.[1] ?? 0) / 1024;
}

function show({ ms, peakMb }: Figure): string {
  return `${(ms / 1000).toFixed(2)} s, git ${peakMb.toFixed(0)} MB`;
}

async function waitForBaseline({ api }: Scene, id: string): Promise<SnapshotView> {
  for (;;) {
    const { items: [first] } = await api.call<SnapshotList>(`/api/sessions/${id}/snapshots`);
    if (first) return first;
    await wait(20);
  }
}

/** Baseline, second snapshot and a live look, beside plain git; and the echo of another session meanwhile. */
export async function benchGit(): Promise<void> {
  await withProgram(async (scene) => {
    const { api, directory, program } = scene;
    const root = `${directory}/repository`;
    await createRepository(root);
    const store = `${directory}/plain`;
    await Deno.mkdir(store);
    const idleEcho = await measureEcho(scene);
    const plainFirst = await measure(() => plainGit(root, store));
    const before = peakMegabytesOf(program.pid);
    let id = "";
    let launchMs = 0;
    const first = await measure(async () => {
      const startedAt = performance.now();
      ({ id } = await api.launch({ cwd: root, command: "cat" }));
      launchMs = performance.now() - startedAt;
      const { message } = await waitForBaseline(scene, id);
      if (message) console.log(`  ${message}`);
    });
    const path = `/api/sessions/${id}`;
    await edit(root, 1);
    const plainSecond = await measure(() => plainGit(root, store));
    const second = await measure(() => api.call(`${path}/snapshots`, { method: "POST" }));
    const live = await measure(() => api.call<ChangeList>(`${path}/changes`));
    console.log(
      `git snapshot of ${DIRECTORIES * FILES_PER_DIRECTORY} files: first ${show(first)} ` +
        `(session started after ${(launchMs / 1000).toFixed(2)} s) beside plain git ${show(plainFirst)}; ` +
        `after ${CHANGES} changes ${show(second)} beside ${show(plainSecond)}; ` +
        `list of changes to now ${show(live)}; server at most ${
          (peakMegabytesOf(program.pid) - before).toFixed(0)
        } MB more`,
    );
    const busyEcho = await echoMeanwhile(scene, { root, path });
    console.log(
      `  echo of another session: idle ${describeTimes(idleEcho)}; meanwhile ${describeTimes(busyEcho)}`,
    );
    await api.call(`${path}/stop`, { method: "POST" });
    await api.waitForEnd(id);
  });
}

async function echoMeanwhile(
  scene: Scene,
  { root, path }: { root: string; path: string },
): Promise<number[]> {
  let isMeasuring = true;
  const snapshots = (async (): Promise<void> => {
    for (let round = 2; isMeasuring; round++) {
      await edit(root, round);
      await scene.api.call(`${path}/snapshots`, { method: "POST" });
    }
  })();
  try {
    return await measureEcho(scene);
  } finally {
    isMeasuring = false;
    await snapshots;
  }
}
