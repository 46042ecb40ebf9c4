// Runs git with nothing of the user's or the repository's settings: emptied environment, own configuration, limits.
import { concatenate } from "../../concatenate.ts";
import { AppError } from "../../errors.ts";
import { killGroup } from "../../kill_group.ts";

/** One run of git against a git directory of ours. */
export interface GitCall {
  args: string[];
  gitDirectory: string;
  /** Without one the git directory is treated as bare. */
  workTree?: string;
  /** Instead of the git directory's own. */
  indexFile?: string;
  /** Object stores of others that may be read too; nothing is ever written to them. */
  borrowedObjects?: readonly string[];
  /** The list of commits without parents of a shallow clone. */
  shallowFile?: string;
  input?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;
  maxOutputBytes?: number;
  signal?: AbortSignal;
}

export interface GitResult {
  code: number;
  /** It died of a signal: files that shrink while git reads them do that. */
  crashed: boolean;
  stdout: Uint8Array<ArrayBuffer>;
  stderr: Uint8Array<ArrayBuffer>;
}

/** A running git whose output is read as it comes. */
export interface GitStream {
  output: ReadableStream<Uint8Array<ArrayBuffer>>;
  input: WritableStream<Uint8Array<ArrayBuffer>> | undefined;
  /** Rejects as `run` does. */
  finished: Promise<{ code: number; crashed: boolean; stderr: Uint8Array<ArrayBuffer> }>;
  stop(): void;
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** More is read and thrown away. */
const MAX_ERROR_BYTES = 256 * 1024;
const NICENESS = "10";
const NICE_PROGRAMS = ["/usr/bin/nice", "/bin/nice"];

/** Git wrote more than it may; it was ended. */
export class OutputLimitError extends Error {}

/** Starts git; knows its place and how politely it runs. */
export class GitRunner {
  readonly #program: string;
  readonly #nice: string | undefined;

  /** `program` is the absolute path of git. */
  constructor(program: string) {
    this.#program = program;
    this.#nice = NICE_PROGRAMS.find((path) => fileExists(path));
  }

  /** Runs to the end. Rejects with the signal's reason, `OutputLimitError`, or `unavailable` when git cannot start. */
  async run(call: GitCall): Promise<GitResult> {
    const stream = this.start(call, call.input !== undefined);
    const sent = call.input === undefined ? undefined : send(stream.input, call.input);
    try {
      const stdout = await read(stream.output, {
        maxBytes: call.maxOutputBytes ?? MAX_OUTPUT_BYTES,
        beyond: "throw",
      });
      return { ...await stream.finished, stdout };
    } finally {
      stream.stop();
      await sent;
      await stream.finished.catch(() => "the reason is already on its way");
    }
  }

  /** Starts without waiting; `input` must be closed by the caller when there is one. */
  start(call: GitCall, withInput: boolean): GitStream {
    call.signal?.throwIfAborted();
    const child = this.#spawn(call, withInput);
    let ended = false;
    const stop = (): void => ended ? undefined : killGroup(child.pid);
    call.signal?.addEventListener("abort", stop);
    const errors = read(child.stderr, { maxBytes: MAX_ERROR_BYTES, beyond: "drop" });
    const finished = Promise.all([child.status, errors]).then(([status, stderr]) => {
      ended = true;
      call.signal?.removeEventListener("abort", stop);
      call.signal?.throwIfAborted();
      return { code: status.code, crashed: status.signal !== null, stderr };
    });
    finished.catch(() => "told to whoever waits for it, which may be later");
    return { output: child.stdout, input: withInput ? child.stdin : undefined, finished, stop };
  }

  #spawn(call: GitCall, withInput: boolean): Deno.ChildProcess {
    const command = [this.#program, "--no-pager", ...call.args];
    if (this.#nice !== undefined) command.unshift(this.#nice, "-n", NICENESS);
    const [program = "", ...args] = command;
    const options: Deno.CommandOptions = {
      args,
      cwd: call.workTree ?? call.gitDirectory,
      env: environmentOf(call),
      clearEnv: true,
      stdin: withInput ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    };
    try {
      return new Deno.Command(program, options).spawn();
    } catch (cause) {
      throw new AppError("unavailable", "Run git: it cannot be started, or the directory is gone", { cause });
    }
  }
}

function environmentOf(call: GitCall): Record<string, string> {
  const borrowed = call.borrowedObjects ?? [];
  return {
    GIT_DIR: call.gitDirectory,
    HOME: call.gitDirectory,
    LC_ALL: "C",
    PATH: "/usr/bin:/bin",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_PAGER: "cat",
    GIT_ASKPASS: "true",
    GIT_SSH_COMMAND: "false",
    ...(call.workTree === undefined ? {} : { GIT_WORK_TREE: call.workTree }),
    ...(call.indexFile === undefined ? {} : { GIT_INDEX_FILE: call.indexFile }),
    ...(call.shallowFile === undefined ? {} : { GIT_SHALLOW_FILE: call.shallowFile }),
    ...(borrowed.length === 0 ? {} : { GIT_ALTERNATE_OBJECT_DIRECTORIES: borrowed.map(quoted).join(":") }),
  };
}

/** As the variable wants paths that may hold a colon. */
function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

async function send(
  input: WritableStream<Uint8Array<ArrayBuffer>> | undefined,
  content: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  if (input === undefined) return;
  try {
    await (content instanceof Uint8Array ? ReadableStream.from([content]) : content).pipeTo(input);
  } catch {
    // Git ended before it read everything; its exit code says why.
  }
}

/**
 * At most `maxBytes`. What is beyond is read and dropped, so that the writer does not wait, or else throws
 * `OutputLimitError`.
 */
async function read(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
  { maxBytes, beyond }: { maxBytes: number; beyond: "throw" | "drop" },
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of output) {
    const part = chunk.subarray(0, maxBytes - length);
    if (part.length < chunk.length && beyond === "throw") {
      throw new OutputLimitError(`Git wrote more than ${maxBytes} bytes`);
    }
    length += part.length;
    if (part.length > 0) chunks.push(part);
  }
  return concatenate(chunks);
}

function fileExists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
