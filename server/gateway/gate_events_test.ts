import assert from "node:assert/strict";
import { createLog } from "../log.ts";
import { FleetStore } from "../store/fleet_store.ts";
import { newSession } from "../testing/new_session.ts";
import { GateEvents } from "./gate_events.ts";

function withEvents(work: (store: FleetStore, create: () => GateEvents) => void): void {
  const store = new FleetStore(":memory:");
  try {
    for (const id of ["a", "b"]) store.sessions.create(newSession({ id }));
    work(store, () => new GateEvents({ table: store.gateEvents, log: createLog("error") }));
  } finally {
    store.close();
  }
}

const fact = (kind: "reserved" | "unbounded", text: string) => ({ kind, callId: "call", atMs: 1, text });

Deno.test("events are there for pages at once, and in the next run of the program", () => {
  withEvents((_, create) => {
    const events = create();
    events.note("a", fact("reserved", "first"));
    events.note("b", fact("reserved", "of another session"));
    events.flush();
    events.note("a", fact("reserved", "second"));
    const texts = (of: GateEvents): unknown[] => of.list("a").map(({ id, text }) => [id, text]);
    assert.deepEqual(texts(events), [[3, "second"], [1, "first"]]);
    assert.deepEqual(events.flush().map(({ sessionId }) => sessionId), ["a"]);
    const next = create();
    next.note("a", fact("reserved", "third"));
    assert.deepEqual(texts(next), [[4, "third"], [3, "second"], [1, "first"]]);
  });
});

Deno.test("what has no bound is said once of a session, also across runs", () => {
  withEvents((_, create) => {
    const events = create();
    assert.deepEqual([1, 2].map(() => events.note("a", fact("unbounded", "pictures"))), [true, false]);
    assert.equal(events.note("b", fact("unbounded", "pictures")), true);
    events.flush();
    assert.equal(create().note("a", fact("unbounded", "pictures")), false);
    assert.equal(create().note("a", fact("unbounded", "files")), true);
  });
});

Deno.test("a session keeps its last thousand events; they go with it", () => {
  withEvents((store, create) => {
    const events = create();
    for (let n = 1; n <= 1200; n++) events.note("a", fact("reserved", String(n)));
    assert.equal(events.list("a").length, 200);
    events.flush();
    assert.equal(store.gateEvents.list("a", 5000).length, 1000);
    assert.equal(store.gateEvents.list("a", 1)[0]?.text, "1200");
    events.note("gone", fact("reserved", "of a session that was deleted"));
    assert.equal(events.flush().length, 1);
    assert.deepEqual(events.list("gone"), []);
  });
});
