// A page of the application whose sessions report what they spend, for tests of everything about money.
import assert from "node:assert/strict";
import { join } from "node:path";
import type { SessionView } from "../protocol.ts";
import { type FakeCall, otlpBody, writeScripts } from "./fake_agents.ts";
import { AGENT_ORIGIN, test as appTest, type TestApp, type TestPage } from "./test_app.ts";

/** A page, and what its sessions report. */
export interface MoneyPage {
  t: TestApp;
  call: TestPage["call"];
  report(session: string, ...calls: FakeCall[]): Promise<void>;
}

/** A test with a signed-in page, and an agent of each kind. */
export function test(name: string, work: (page: MoneyPage) => Promise<void>): void {
  appTest(name, async (t) => {
    await writeScripts(join(t.directory, "bin"), { claude: "", codex: "" });
    const { call } = await t.openPage();
    await work({
      t,
      call,
      async report(session, ...calls): Promise<void> {
        const response = await t.agentApp.request(`${AGENT_ORIGIN}/v1/logs`, {
          method: "POST",
          headers: t.agentHeaders(session),
          body: JSON.stringify(otlpBody(calls, 1_800_000_000_000)),
        });
        assert.equal(response.status, 200);
        await response.body?.cancel();
      },
    });
  });
}

/** Observed: the calls of these sessions are reported, not made. */
export function launch({ t, call }: MoneyPage, more: Record<string, unknown> = {}): Promise<SessionView> {
  return call("/api/sessions", {
    method: "POST",
    body: { cwd: t.directory, command: "claude", additions: { gateway: false }, ...more },
    status: 201,
  });
}

/** A call of $0.10 with the model of `otlpBody`. */
export const DIME = { output: 4000 };
