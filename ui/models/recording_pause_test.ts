import assert from "node:assert/strict";
import { signal } from "@preact/signals";
import type { ServerMessage, StatusView } from "../../server/protocol.ts";
import { RecordingPauseModel } from "./recording_pause.ts";

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

Deno.test("a pause is known from the status at load, ends and begins by messages", () => {
  const status = signal<StatusView | undefined>(undefined);
  let tell: (message: ServerMessage) => void = () => {};
  const pause = new RecordingPauseModel({
    status,
    onMessage: (listener) => {
      tell = listener;
      return () => {};
    },
  });
  assert.equal(pause.reason.value, undefined);
  status.value = { ...STATUS, recordingPausedReason: "disk full" };
  assert.equal(pause.reason.value, "disk full");
  tell({ type: "recording" });
  assert.equal(pause.reason.value, undefined);
  tell({ type: "recording", pausedReason: "full again" });
  assert.equal(pause.reason.value, "full again");
  status.value = { ...STATUS };
  assert.equal(pause.reason.value, undefined);
});
