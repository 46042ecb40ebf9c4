import assert from "node:assert/strict";
import { signal } from "@preact/signals";
import type { ServerMessage, StatusView } from "../../server/protocol.ts";
import { makeStatus } from "../testing/status.ts";
import { ReachModel } from "./reach.ts";

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
  status.value = makeStatus({ sessionsUnreachable: true });
  assert.equal(reach.unreachable.value, true);
  tell({ type: "reach", unreachable: false });
  assert.equal(reach.unreachable.value, false);
  tell({ type: "reach", unreachable: true });
  assert.equal(reach.unreachable.value, true);
  status.value = makeStatus();
  assert.equal(reach.unreachable.value, false);
});
