// Compares this room with a C program that only reads the terminal: `deno run -A server/pty/pty_bench.ts`.

import { PtyHost } from "./pty_host.ts";

const REFERENCE_SOURCE = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static char buffer[65536];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  char name[64];
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (argc < 2 || grantpt(master) || unlockpt(master) || ptsname_r(master, name, sizeof name)) return 1;
  double start = now();
  if (fork() == 0) {
    setsid();
    int slave = open(name, O_RDWR);
    for (int fd = 0; fd < 3; fd++) dup2(slave, fd);
    close(slave);
    close(master);
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  long total = 0;
  for (ssize_t got; (got = read(master, buffer, sizeof buffer)) > 0;) total += got;
  printf("%ld %f\\n", total, now() - start);
  return 0;
}
`;

/** Bytes of output and the time they took. */
export interface Run {
  bytes: number;
  seconds: number;
}

const WORKLOADS: { name: string; script: string }[] = [
  { name: "zeros, 200 MB", script: "head -c 200000000 /dev/zero" },
  { name: "raw zeros through tr, 100 MB", script: "stty raw; head -c 100000000 /dev/zero | tr '\\0' x" },
  { name: "two-byte lines, 20 MB", script: "yes | head -c 20000000" },
];
const ROUNDS = 3;

/** Path of the compiled reference reader; undefined without a C compiler. */
export async function compileReference(directory: string): Promise<string | undefined> {
  const program = `${directory}/reader`;
  await Deno.writeTextFile(`${program}.c`, REFERENCE_SOURCE);
  try {
    const compiler = await new Deno.Command("cc", { args: ["-O2", "-o", program, `${program}.c`] }).output();
    return compiler.success ? program : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Runs a shell script in a terminal that the reference only reads. */
export async function readWithReference(program: string, script: string): Promise<Run> {
  const { stdout } = await new Deno.Command(program, { args: ["/bin/sh", "-c", script] }).output();
  const [bytes = 0, seconds = 1] = new TextDecoder().decode(stdout).trim().split(" ").map(Number);
  return { bytes, seconds };
}

async function readWithHost(host: PtyHost, script: string): Promise<Run> {
  const start = performance.now();
  let bytes = 0;
  const pty = host.spawn(
    { argv: ["/bin/sh", "-c", script], cwd: "/", env: Deno.env.toObject(), cols: 80, rows: 24 },
    { onData: (chunk) => bytes += chunk.length, onExit: () => {} },
  );
  await pty.exited;
  pty.close();
  return { bytes, seconds: (performance.now() - start) / 1000 };
}

function megabytesPerSecond(runs: Run[]): number {
  const rates = runs.map((run) => run.bytes / run.seconds / 1e6).sort((a, b) => a - b);
  return rates[Math.floor(rates.length / 2)] ?? 0;
}

async function print(line: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}

async function compare(host: PtyHost, reference: string): Promise<void> {
  for (const { name, script } of WORKLOADS) {
    const theirs: Run[] = [];
    const ours: Run[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      theirs.push(await readWithReference(reference, script));
      ours.push(await readWithHost(host, script));
    }
    const [c, here] = [megabytesPerSecond(theirs), megabytesPerSecond(ours)];
    await print(
      `${name}: C ${c.toFixed(1)} MB/s, host ${here.toFixed(1)} MB/s, ratio ${(here / c).toFixed(2)}`,
    );
  }
}

/** Round trip of one key through `cat` while other sessions flood. */
async function echoLatencies(host: PtyHost, floods: number): Promise<number[]> {
  const env = Deno.env.toObject();
  const base = { cwd: "/", env, cols: 80, rows: 24 };
  const flooding = Array.from(
    { length: floods },
    () =>
      host.spawn({ ...base, argv: ["/bin/sh", "-c", "cat /dev/zero"] }, {
        onData: () => {},
        onExit: () => {},
      }),
  );
  let seen = (): void => {};
  const echo = host.spawn({ ...base, argv: ["cat"] }, { onData: () => seen(), onExit: () => {} });
  const latenciesMs: number[] = [];
  for (let key = 0; key < 200; key++) {
    const echoed = new Promise<void>((resolve) => seen = resolve);
    const start = performance.now();
    echo.write("x");
    await echoed;
    latenciesMs.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  for (const pty of [...flooding, echo]) {
    pty.kill("SIGKILL");
    pty.close();
    await pty.exited;
  }
  return latenciesMs.sort((a, b) => a - b);
}

async function main(): Promise<void> {
  const directory = await Deno.makeTempDir();
  const host = PtyHost.open();
  try {
    for (const floods of [0, 1, 10]) {
      const latencies = await echoLatencies(host, floods);
      const at = (share: number) => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2);
      await print(`echo beside ${floods} flooding sessions: median ${at(0.5)} ms, p95 ${at(0.95)} ms`);
    }
    const reference = await compileReference(directory);
    if (reference === undefined) await print("No C compiler here: throughput is not compared");
    else await compare(host, reference);
  } finally {
    await host.close();
    await Deno.remove(directory, { recursive: true });
  }
}

if (import.meta.main) await main();
