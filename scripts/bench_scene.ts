// What parts of the benchmark share: a program of their own, waiting, quantiles, the echo of keys.
import { ApiClient } from "../server/testing/api_client.ts";
import { endHolders, type RunningProgram, startProgram } from "../server/testing/running_program.ts";
import { STAGED_MAIN } from "./bundle.ts";

export interface Scene {
  program: RunningProgram;
  api: ApiClient;
  directory: string;
}

const KEYS = 200;

/** Runs one part with a program of its own. */
export async function withProgram(work: (scene: Scene) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  const program = await startProgram({ dataDirectory: `${directory}/data`, main: STAGED_MAIN });
  try {
    await work({ program, directory, api: await ApiClient.signIn(program.printedUrl) });
  } finally {
    await program.stop();
    await endHolders(program.dataDirectory);
    await Deno.remove(directory, { recursive: true });
  }
}

/** Nearest-rank quantile. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export function describeTimes(values: number[]): string {
  return `p50 ${quantile(values, 0.5).toFixed(2)} ms, p95 ${quantile(values, 0.95).toFixed(2)} ms`;
}

export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Key round trips over the socket, through `cat` with echo. */
export async function measureEcho({ api, directory }: Scene): Promise<number[]> {
  const { id } = await api.launch({ cwd: directory, command: "sh -c 'stty -icanon; cat > /dev/null'" });
  const terminal = await api.openTerminal(id);
  await wait(300);
  const times: number[] = [];
  for (let key = 0; key < KEYS; key++) {
    const { offset } = terminal;
    const startedAt = performance.now();
    terminal.type("x");
    await terminal.until(() => terminal.offset > offset);
    times.push(performance.now() - startedAt);
    await wait(5);
  }
  await terminal.close();
  await api.call(`/api/sessions/${id}/stop`, { method: "POST" });
  return times;
}
