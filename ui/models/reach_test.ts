import assert from "node:assert/strict";
import { signal } from "@preact/signals";
import type { ServerMessage, StatusView } from "../../server/protocol.ts";
import { ReachModel } from "./reach.ts";

const STATUS: StatusView = {
  version: "1",
  address: "http://127.0.0.1:1",
  agentAddress: "http://127.0.0.1:2",
  dataDirectory: "/d",
  homeDirectory: "/h",
  platform: "linux",
  sqliteVersion: "3",
  startedAtMs: 0,
  afterLogout: { decidedBy: "unknown" },
  agents: [],
};

Deno.test("silence is known from the status at load, ends and begins by messages", () => {
  const status = signal<StatusView | undefined>(undefined);
  let tell: (message: ServerMessage) => void = () => {};
  const reach = new ReachModel({
    status,
    onMessage: (listener) => {
      tell = listener;
      return () => {};
    },
  });
  assert.equal(reach.unreachable.value, false);
  status.value = { ...STATUS, sessionsUnreachable: true };
  assert.equal(reach.unreachable.value, true);
  tell({ type: "reach", unreachable: false });
  assert.equal(reach.unreachable.value, false);
  tell({ type: "reach", unreachable: true });
  assert.equal(reach.unreachable.value, true);
  status.value = { ...STATUS };
  assert.equal(reach.unreachable.value, false);
});
