// Tests of the host run against both ways of waiting: poll, and the one of macOS.
import { LINUX, type Platform } from "../constants.ts";
import { PtyHost } from "../pty_host.ts";
import { TestSession, type TestSpawn } from "./test_session.ts";

const { pidfdOpenCall: _, ...withoutPidfd } = LINUX;

const LIKE_DARWIN: Platform = { ...withoutPidfd, waiter: "select" };

/** Starts a program of the test. */
export type Start = (options: TestSpawn) => TestSession;

/** Runs a test against both ways of waiting; checks that it left no descriptor behind. */
export function testBothWays(name: string, body: (start: Start, host: PtyHost) => Promise<void>): void {
  for (const [way, platform] of [["poll", LINUX], ["select", LIKE_DARWIN]] as const) {
    Deno.test(`${name} (${way})`, async () => {
      const host = PtyHost.open({ platform });
      try {
        await body((options) => new TestSession(host, options), host);
      } finally {
        await host.close();
      }
    });
  }
}

/** A script as a program. */
export function shell(script: string): TestSpawn {
  return { argv: ["sh", "-c", script] };
}

/** A file of a process; empty when it is gone. */
export async function readIfThere(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    // The process has just gone.
    return "";
  }
}

/** Resolves when a process has ended, reaped or not. */
export async function processGone(pid: number): Promise<void> {
  let stat = "";
  do stat = await readIfThere(`/proc/${pid}/stat`); while (stat !== "" && !stat.includes(") Z "));
}
