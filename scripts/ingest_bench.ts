// How fast one flooding session is taken in, beside a C program that only reads: without a screen, with it, through the whole program.
// deno-lint-ignore-file no-console -- a command line tool
import { DataDirectory } from "../server/data_directory.ts";
import type { HolderEvent } from "../server/holder/api.ts";
import type { HolderOptions } from "../server/holder/holder.ts";
import { createHolder } from "../server/holder/main.ts";
import { createLog } from "../server/log.ts";
import { compileReference, readWithReference, type Run } from "../server/pty/pty_bench.ts";
import { quantile, type Scene, withProgram } from "./bench_scene.ts";

const FLOOD = "yes 0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ | head -c 100000000";
const ROUNDS = 5;

/** Megabytes per second of one round. */
interface Rates {
  reference: number;
  withoutScreen: number;
  oneProcess: number;
  program: number;
  watched: number;
}

/** Prints medians over rounds, the ratios each within its own round. */
export async function benchIngest(): Promise<void> {
  await withProgram(async (scene) => {
    const reference = await compileReference(scene.directory);
    if (!reference) return console.log("ingest: skipped, there is no C compiler for the reference");
    const rounds: Rates[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await runRound(scene, reference));
    const speed = (kind: keyof Rates): string =>
      `${quantile(rounds.map((rates) => rates[kind]), 0.5).toFixed(1)} MB/s`;
    const show = (name: string, kind: keyof Rates): string => {
      const ratios = rounds.map((rates) => rates[kind] / rates.reference);
      const [least, middle, most] = [0, 0.5, 1].map((share) => quantile(ratios, share).toFixed(2));
      return `${name} ${speed(kind)} (ratio ${middle}, ${least} to ${most})`;
    };
    console.log(
      `ingest of 100 MB with recording: C that only reads ${speed("reference")}, ${
        [
          show("holder's code in one process without a screen", "withoutScreen"),
          show("with it", "oneProcess"),
          show("whole program", "program"),
          show("whole program and a client attached", "watched"),
        ].join(", ")
      }`,
    );
  });
}

async function runRound(scene: Scene, reference: string): Promise<Rates> {
  const { directory } = scene;
  return {
    reference: rate(await readWithReference(reference, FLOOD)),
    withoutScreen: rate(await ingestInProcess({ directory, createScreens: blindScreens })),
    oneProcess: rate(await ingestInProcess({ directory })),
    program: rate(await ingestThroughProgram(scene, { watched: false })),
    watched: rate(await ingestThroughProgram(scene, { watched: true })),
  };
}

function rate({ bytes, seconds }: Run): number {
  return bytes / seconds / 1e6;
}

/** One flooding session through the holder's code in this very process. */
async function ingestInProcess(
  { directory, createScreens }: { directory: string; createScreens?: HolderOptions["createScreens"] },
): Promise<Run> {
  const data = DataDirectory.open(await Deno.makeTempDir({ dir: directory }));
  const { holder, close } = createHolder({
    data,
    log: createLog("error"),
    ownsAllRecordings: true,
    ...(createScreens ? { createScreens } : {}),
  });
  const { promise, resolve } = Promise.withResolvers<number>();
  const connection = holder.connect((event: HolderEvent) =>
    event.type === "exit" && resolve(event.exit.offset)
  );
  const startedAt = performance.now();
  await connection.spawn({
    session: crypto.randomUUID(),
    argv: ["/bin/sh", "-c", FLOOD],
    cwd: "/",
    env: Deno.env.toObject(),
    cols: 120,
    rows: 30,
  });
  const bytes = await promise;
  const seconds = (performance.now() - startedAt) / 1000;
  await close();
  return { bytes, seconds };
}

/** Screens that see nothing and are always done with it. */
function blindScreens(
  listener: Parameters<HolderOptions["createScreens"]>[0],
): ReturnType<HolderOptions["createScreens"]> {
  const none = (): Promise<never> => Promise.reject(new Error("There are no screens"));
  return {
    open: () => {},
    write: (session, _bytes, endOffset) => listener.onParsed(session, endOffset),
    resize: () => {},
    snapshot: none,
    text: none,
    end: () => Promise.resolve(),
    close: () => {},
  };
}

/** The same through the whole program: api, server, socket, holder; `watched` by a client in this process. */
async function ingestThroughProgram(
  { api, directory }: Scene,
  { watched }: { watched: boolean },
): Promise<Run> {
  const session = await api.launch({ cwd: directory, command: FLOOD });
  const terminal = watched ? await api.openTerminal(session.id) : undefined;
  const ended = await api.waitForEnd(session.id);
  await terminal?.close();
  return {
    bytes: ended.recordedBytes,
    seconds: ((ended.endedAtMs ?? 0) - (ended.startedAtMs ?? 0)) / 1000,
  };
}
