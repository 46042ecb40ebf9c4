import assert from "node:assert/strict";
import { newSession } from "../testing/new_session.ts";
import { FleetStore } from "./fleet_store.ts";

Deno.test("recent launches are each command once, and no resumes", () => {
  const store = new FleetStore(":memory:");
  const create = (id: string, more: { command?: string; resumedFrom?: string }): void =>
    void store.sessions.create(newSession({ id, ...more }));
  create("1", { command: "claude" });
  create("2", { command: "bash" });
  create("3", { command: "claude" });
  create("4", { command: "claude --resume abc", resumedFrom: "3" });
  assert.deepEqual(store.sessions.listRecentLaunches(10).map(({ id }) => id), ["3", "2"]);
  store.close();
});
