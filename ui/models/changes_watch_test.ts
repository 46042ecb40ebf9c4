import assert from "node:assert/strict";
import { signal } from "@preact/signals";
import type { ClientMessage, ServerMessage } from "../../server/protocol.ts";
import { makeSnapshot } from "../testing/changes.ts";
import { ChangesWatchModel } from "./changes_watch.ts";

interface Stage {
  watch: InstanceType<typeof ChangesWatchModel>;
  sent: boolean[];
  heard: unknown[];
  push(message: ServerMessage): void;
  isOnline: { value: boolean };
  isVisible: { value: boolean };
  isLive: { value: boolean };
  listeners: ReadonlySet<unknown>;
  returned(): number;
}

function setUp(): Stage {
  const sent: boolean[] = [];
  const heard: unknown[] = [];
  const listeners = new Set<(message: ServerMessage) => void>();
  const [isOnline, isVisible, isLive] = [signal(true), signal(true), signal(true)];
  let returns = 0;
  const watch = new ChangesWatchModel({
    socket: {
      isOnline,
      send: (message: ClientMessage) => {
        if (message.type === "watch_changes") sent.push(message.on);
        return true;
      },
      onMessage: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    sessionId: "1",
    isVisible,
    isLive,
    onChange: (snapshot) => heard.push(snapshot?.id),
    onReturn: () => returns++,
  });
  const push = (message: ServerMessage): void => listeners.forEach((listener) => listener(message));
  return { watch, sent, heard, push, isOnline, isVisible, isLive, listeners, returned: () => returns };
}

Deno.test("the work tree is watched while somebody looks and the comparison follows it", () => {
  const { watch, sent, isVisible, isLive, listeners, returned } = setUp();
  isVisible.value = false;
  isVisible.value = true;
  isLive.value = false;
  assert.deepEqual(sent, [true, false, true, false]);
  assert.equal(returned(), 1);
  isLive.value = true;
  watch[Symbol.dispose]();
  assert.deepEqual(sent, [true, false, true, false, true, false]);
  assert.equal(listeners.size, 0);
});

Deno.test("a new connection is told again, and what was missed is loaded", () => {
  const { sent, isOnline, returned } = setUp();
  isOnline.value = false;
  isOnline.value = true;
  assert.deepEqual(sent.at(-1), true);
  assert.equal(returned(), 1);
});

Deno.test("changes of this session are heard, with and without a snapshot", () => {
  const { heard, push } = setUp();
  push({ type: "changes", sessionId: "1" });
  push({ type: "changes", sessionId: "2" });
  push({ type: "changes", sessionId: "1", snapshot: makeSnapshot({ id: 7 }) });
  assert.deepEqual(heard, [undefined, 7]);
});
