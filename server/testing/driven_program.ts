// The program as a test drives it: signed in, killed and started again; at the end its ledger has to be right.
import assert from "node:assert/strict";
import { ApiClient } from "./api_client.ts";
import {
  endHolders,
  type ProgramOptions,
  type RunningProgram,
  runProgram,
  startProgram,
} from "./running_program.ts";

export interface DrivenProgram {
  /** The one that runs now, and a sign-in of it. */
  program: RunningProgram;
  api: ApiClient;
  /** Once more, after it was killed. */
  start(): Promise<void>;
  /** It is killed and started again. */
  restart(): Promise<void>;
}

/** Starts the program for as long as `work` takes; nothing of it runs afterwards. */
export async function withProgram(
  options: ProgramOptions,
  work: (driven: DrivenProgram) => Promise<void>,
): Promise<void> {
  const program = await startProgram(options);
  const driven: DrivenProgram = {
    program,
    api: await ApiClient.signIn(program.printedUrl),
    async start(): Promise<void> {
      driven.program = await startProgram(options);
      driven.api = await ApiClient.signIn(driven.program.printedUrl);
    },
    async restart(): Promise<void> {
      await driven.program.kill();
      await driven.start();
    },
  };
  try {
    await work(driven);
    const { code, output } = await runProgram(["check-ledger", "--data", options.dataDirectory]);
    assert.equal(code, 0, output);
  } finally {
    await driven.program.stop();
    await endHolders(options.dataDirectory);
  }
}
