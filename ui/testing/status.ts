// What the server says of itself, for tests that care for one line of it.

import type { StatusView } from "../../server/protocol.ts";

export function makeStatus(more: Partial<StatusView> = {}): StatusView {
  return {
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
    ...more,
  };
}
