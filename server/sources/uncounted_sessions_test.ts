import assert from "node:assert/strict";
import { createLog } from "../log.ts";
import { FleetStore } from "../store/fleet_store.ts";
import type { SessionRow } from "../store/sessions.ts";
import { newSession } from "../testing/new_session.ts";
import { UncountedSessions } from "./uncounted_sessions.ts";

interface Scene {
  uncounted: UncountedSessions;
  session: SessionRow;
  /** What the holder was asked for. */
  asked: string[];
  is: { limited: boolean; paused: boolean };
  pass(milliseconds: number): void;
}

function test(name: string, work: (scene: Scene) => void): void {
  Deno.test(name, () => {
    const store = new FleetStore(":memory:");
    const asked: string[] = [];
    const is = { limited: true, paused: false };
    let nowMs = 0;
    try {
      const session = { ...store.sessions.create(newSession()), lifecycle: "running" as const };
      const note = (what: string) => {
        asked.push(what);
        return Promise.resolve();
      };
      const uncounted = new UncountedSessions({
        holder: { pause: () => note("pause"), resume: () => note("resume") },
        isLimited: () => is.limited,
        isPaused: () => is.paused,
        now: () => nowMs,
        log: createLog("error"),
      });
      work({ uncounted, session, asked, is, pass: (milliseconds) => void (nowMs += milliseconds) });
    } finally {
      store.close();
    }
  });
}

test("a session whose usage cannot be stored is paused after a while, once, and goes on when it can", ({ uncounted, session, asked, pass }) => {
  uncounted.failed(session);
  pass(9_999);
  uncounted.failed(session);
  assert.deepEqual(asked, []);
  pass(1);
  uncounted.failed(session);
  pass(60_000);
  uncounted.failed(session);
  assert.deepEqual(asked, ["pause"]);
  uncounted.stored(session.id);
  uncounted.stored(session.id);
  assert.deepEqual(asked, ["pause", "resume"]);
});

test("what fails now and then pauses nobody", ({ uncounted, session, asked, pass }) => {
  for (let time = 0; time < 5; time++) {
    uncounted.failed(session);
    pass(8000);
    uncounted.stored(session.id);
  }
  assert.deepEqual(asked, []);
});

test("a session without a limit, behind the gate, or paused by its user is left alone", ({ uncounted, session, asked, is, pass }) => {
  const fail = (row = session) => {
    uncounted.failed(row);
    pass(20_000);
    uncounted.failed(row);
  };
  fail({ ...session, gateway: "{}" });
  is.paused = true;
  fail();
  is.paused = false;
  is.limited = false;
  fail();
  uncounted.stored(session.id);
  assert.deepEqual(asked, []);
});
