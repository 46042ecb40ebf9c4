import assert from "node:assert/strict";
import { signal } from "@preact/signals";
import type { ServerMessage, StatusView } from "../../server/protocol.ts";
import { makeStatus } from "../testing/status.ts";
import { RecordingPauseModel } from "./recording_pause.ts";

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
  status.value = makeStatus({ recordingPausedReason: "disk full" });
  assert.equal(pause.reason.value, "disk full");
  tell({ type: "recording" });
  assert.equal(pause.reason.value, undefined);
  tell({ type: "recording", pausedReason: "full again" });
  assert.equal(pause.reason.value, "full again");
  status.value = makeStatus();
  assert.equal(pause.reason.value, undefined);
});
