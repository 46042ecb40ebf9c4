// Runs a small program to its end, within a deadline, and says what went wrong in words.
import { killGroup } from "../kill_group.ts";

export interface CommandOptions {
  /** After that the program and all that it started are killed. */
  withinMs: number;
  /** Added to this process's environment. */
  env?: Record<string, string>;
}

export interface CommandAnswer {
  stdout: string;
  /** Why there is no good answer: the program is missing, failed or took too long. */
  problem?: string;
  tookTooLong: boolean;
}

/** Never rejects for what the program does. It runs in `/`, in a session of its own: no terminal can hang it up. */
export async function commandOutput(
  [program = "", ...args]: readonly string[],
  { withinMs, env = {} }: CommandOptions,
): Promise<CommandAnswer> {
  const child = spawn(program, { args, env });
  if (child === undefined) return { stdout: "", problem: `${program} is not there`, tookTooLong: false };
  let tookTooLong = false;
  const timer = setTimeout(() => {
    tookTooLong = true;
    killGroup(child.pid);
  }, withinMs);
  const { success, code, ...output } = await child.output().finally(() => clearTimeout(timer));
  const [stdout, stderr] = [output.stdout, output.stderr].map((bytes) =>
    new TextDecoder().decode(bytes).trim()
  );
  const problem = tookTooLong
    ? `${program} did not end within ${withinMs} ms`
    : success
    ? undefined
    : stderr || `${program} ended with code ${code}`;
  return { stdout: stdout ?? "", tookTooLong, ...(problem === undefined ? {} : { problem }) };
}

function spawn(
  program: string,
  { args, env }: { args: string[]; env: Record<string, string> },
): Deno.ChildProcess | undefined {
  try {
    return new Deno.Command(program, {
      args,
      env,
      cwd: "/",
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.PermissionDenied) {
      return undefined;
    }
    throw cause;
  }
}
