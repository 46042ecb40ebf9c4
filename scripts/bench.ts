// Figures of the running program, each beside its reference in the same run: `deno task bench [name[=size] …]`.
// `attach=1000`, `disk=1000` and `transcripts=1000` take megabytes, `idle=200` sessions.
// deno-lint-ignore-file no-console -- a command line tool
import { benchGateLatency, benchGateParallel } from "../server/gateway/gateway_bench.ts";
import { endHolders, listHolderPids, startProgram } from "../server/testing/running_program.ts";
import { benchAttach } from "./attach_bench.ts";
import { laterBytes, MAX_PAGE_BYTES, measureUi, startBytes } from "./build_ui.ts";
import { STAGED_MAIN } from "./bundle.ts";
import { describeTimes, measureEcho, wait, withProgram } from "./bench_scene.ts";
import { benchGit } from "./git_bench.ts";
import { benchIngest } from "./ingest_bench.ts";

const IDLE_SESSIONS = [20, 50];
/** Screens are put away after 60 to 90 s; then the runtime gives their memory back. */
const ASLEEP_AFTER_MS = 130_000;
const STARTS = 7;

async function benchEcho(): Promise<void> {
  await withProgram(async (scene) => {
    const idle = await measureEcho(scene);
    const flood = await scene.api.launch({
      cwd: scene.directory,
      command: "yes flood flood flood flood flood",
    });
    await wait(1000);
    const beside = await measureEcho(scene);
    await scene.api.call(`/api/sessions/${flood.id}/stop`, { method: "POST" });
    await scene.api.waitForEnd(flood.id);
    console.log(
      `echo over loopback: idle ${describeTimes(idle)}; beside a flooding session ${describeTimes(beside)}`,
    );
  });
}

/** Resident and proportional megabytes of a process; the latter counts shared pages by their share. */
function memoryOf(pid: number): { rss: number; pss: number } {
  const rollup = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  const read = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(rollup)?.[1] ?? 0) / 1024;
  return { rss: read("Rss"), pss: read("Pss") };
}

function cpuSeconds(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function benchIdle(most?: number): Promise<void> {
  await withProgram(async ({ api, program, directory }) => {
    while (listHolderPids(program.dataDirectory).length === 0) await wait(20);
    const report = async (name: string): Promise<void> => {
      const pids = [program.pid, ...listHolderPids(program.dataDirectory)];
      const before = pids.map(cpuSeconds);
      await wait(10_000);
      const cpu = pids.map((pid, index) => ((cpuSeconds(pid) - (before[index] ?? 0)) / 10) * 100);
      const memory = pids.map(memoryOf);
      const sum = (values: number[]): string => values.reduce((a, b) => a + b, 0).toFixed(1);
      const split = (values: number[]): string =>
        `${sum(values)} MB (server ${values[0]?.toFixed(0)}, holder ${values[1]?.toFixed(0)})`;
      console.log(
        `${name}: ${split(memory.map(({ rss }) => rss))} RSS, ${split(memory.map(({ pss }) => pss))} PSS, ${
          sum(cpu)
        } % CPU`,
      );
    };
    await report("idle without sessions");
    let running = 0;
    for (const count of most === undefined ? IDLE_SESSIONS : [most]) {
      for (; running < count; running++) await api.launch({ cwd: directory, command: "bash --norc" });
      await report(`with ${count} idle sessions`);
    }
    await wait(ASLEEP_AFTER_MS);
    await report(`with ${running} idle sessions, their screens put away`);
    await api.call("/api/sessions/stop-all", { method: "POST" });
    while ((await api.call<{ items: unknown[] }>("/api/sessions?lifecycle=live")).items.length > 0) {
      await wait(100);
    }
  });
}

async function benchStart(): Promise<void> {
  const directory = await Deno.makeTempDir();
  const times: number[] = [];
  const references: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    let startedAt = performance.now();
    await new Deno.Command(Deno.execPath(), { args: ["eval", "0"] }).output();
    references.push(performance.now() - startedAt);
    startedAt = performance.now();
    const program = await startProgram({ dataDirectory: `${directory}/${round}`, main: STAGED_MAIN });
    times.push(performance.now() - startedAt);
    await program.stop();
    await endHolders(program.dataDirectory);
  }
  await Deno.remove(directory, { recursive: true });
  console.log(
    `start to printed address: ${describeTimes(times)}; an empty program of the same runtime: ${
      describeTimes(references)
    }`,
  );
}

async function benchPage(): Promise<void> {
  const files = await measureUi();
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
  console.log(
    `page weight at start: ${kilobytes(startBytes(files))} gzipped (bar ${MAX_PAGE_BYTES / 1000} kB); ` +
      `${kilobytes(laterBytes(files))} more when needed`,
  );
}

async function benchGate(): Promise<void> {
  await benchGateLatency();
  await benchGateParallel();
}

/** Figures that have a program of their own, so that its memory is theirs alone. */
async function runFigures(path: string, ...args: string[]): Promise<void> {
  const program = new URL(path, import.meta.url).pathname;
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-q", program, ...args],
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${path} failed`);
}

function benchDisk(megabytes = 100): Promise<void> {
  return runFigures("../server/holder/compaction_bench.ts", "--seek", String(megabytes));
}

function benchTranscripts(megabytes = 500): Promise<void> {
  return runFigures("../server/sources/transcript_bench.ts", String(megabytes));
}

const PARTS: Record<string, (size?: number) => Promise<void>> = {
  page: benchPage,
  start: benchStart,
  echo: benchEcho,
  ingest: benchIngest,
  attach: benchAttach,
  disk: benchDisk,
  transcripts: benchTranscripts,
  idle: benchIdle,
  gate: benchGate,
  git: benchGit,
};

if (import.meta.main) {
  const wanted = Deno.args.length > 0 ? Deno.args : Object.keys(PARTS);
  for (const word of wanted) {
    const [name = "", size] = word.split("=");
    const part = PARTS[name];
    if (!part) throw new RangeError(`No part "${name}": there are ${Object.keys(PARTS).join(", ")}`);
    await part(size === undefined ? undefined : Number(size));
  }
  Deno.exit();
}
