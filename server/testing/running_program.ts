// The program itself as a child process, for tests of the whole.
import { listHolderFiles } from "../holder/holder_files.ts";
import { TextLineStream } from "./text_lines.ts";

export interface RunningProgram {
  /** `http://127.0.0.1:PORT` */
  address: string;
  /** The address it printed, with its one-time code. */
  printedUrl: string;
  pid: number;
  dataDirectory: string;
  /** Everything printed so far. */
  output(): string;
  /** A fresh address, as `agents-fleet url` prints it. */
  freshUrl(): Promise<string>;
  /** Ends it as Ctrl-C does; answers the exit code. */
  stop(): Promise<number>;
  /** Ends it as a crash would. Its holder and sessions go on. */
  kill(): Promise<void>;
}

const HOLDER_START_MS = 3000;
const MAIN = new URL("../main.ts", import.meta.url).pathname;

/**
 * Command that runs the program; the environment names an executable, or a bundle, to test instead of the sources. With the
 * flags of `deno task start`.
 */
function programCommand(args: string[], env: Record<string, string>, main = MAIN): Deno.Command {
  const executable = Deno.env.get("AGENTS_FLEET_EXECUTABLE");
  // A test may give the program another home, where nothing is cached.
  const cache = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
  const options = {
    ...{ stdin: "null", stdout: "piped", stderr: "piped" } as const,
    env: { DENO_DIR: cache, ...env },
  };
  if (executable && !executable.endsWith(".js")) return new Deno.Command(executable, { ...options, args });
  const run = ["run", "-A", "-q", "--v8-flags=--expose-gc", executable ?? main];
  return new Deno.Command(Deno.execPath(), { ...options, args: [...run, ...args] });
}

/** Process ids of the holders of a data directory. */
export function listHolderPids(dataDirectory: string): number[] {
  return listHolderFiles(dataDirectory).map(({ pid }) => pid);
}

/** Signals all holders of a data directory and waits until they are gone; one that is just starting is waited for. */
export async function endHolders(dataDirectory: string, signal: Deno.Signal = "SIGTERM"): Promise<void> {
  const giveUpAtMs = Date.now() + HOLDER_START_MS;
  while (listHolderPids(dataDirectory).length === 0 && Date.now() < giveUpAtMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const pid of listHolderPids(dataDirectory)) {
    while (trySignal(pid, signal)) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function trySignal(pid: number, signal: Deno.Signal): boolean {
  try {
    if (Deno.readTextFileSync(`/proc/${pid}/stat`).includes(") Z")) return false;
    Deno.kill(pid, signal);
    return true;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return false;
    throw cause;
  }
}

/** Runs a command of the program to its end. */
export async function runProgram(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await programCommand(args, env).output();
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, output: decode(stdout) + decode(stderr) };
}

export interface ProgramOptions {
  dataDirectory: string;
  /** Besides the data directory; a free port unless given. */
  args?: string[];
  /** Besides the environment of the test. */
  env?: Record<string, string>;
  /** Another version's entry. */
  main?: string;
}

/** Starts the program and waits for its address. Rejects with its output when it ends before that. */
export async function startProgram(options: ProgramOptions): Promise<RunningProgram> {
  const args = ["--data", options.dataDirectory, ...(options.args ?? ["--port", "0"])];
  const child = programCommand(args, options.env ?? {}, options.main).spawn();
  const lines: string[] = [];
  const printedUrl = await new Promise<string>((resolve, reject) => {
    const follow = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
      for await (const line of stream.pipeThrough(new TextLineStream())) {
        lines.push(line);
        const url = /Open (http:\S+)/.exec(line)?.[1];
        if (url) resolve(url);
      }
    };
    Promise.all([follow(child.stdout), follow(child.stderr)]).then(
      () => reject(new Error(`The program ended before it printed its address:\n${lines.join("\n")}`)),
      reject,
    );
  });
  const address = new URL(printedUrl).origin;
  let ended = false;
  const end = async (signal: Deno.Signal): Promise<number> => {
    if (!ended) child.kill(signal);
    const { code } = await child.status;
    ended = true;
    return code;
  };
  return {
    address,
    printedUrl,
    pid: child.pid,
    dataDirectory: options.dataDirectory,
    output: () => lines.join("\n"),
    freshUrl: async () =>
      (await runProgram(["url", "--data", options.dataDirectory], options.env)).output.trim(),
    stop: () => end("SIGINT"),
    kill: async () => {
      await end("SIGKILL");
    },
  };
}
