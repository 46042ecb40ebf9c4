import assert from "node:assert/strict";
import type { Notice, ServerMessage } from "../../server/protocol.ts";
import { mergeNotices, type Notices, NoticesModel } from "./notices.ts";

function makeNotice(id: number, patch: Partial<Notice> = {}): Notice {
  return { id, atMs: id, kind: "budget_warning", title: `notice ${id}`, text: "", seen: false, ...patch };
}

interface SetUp {
  notices: Notices;
  push(notice: Notice): void;
  announced: number[];
  seen: number[];
}

function setUp(options: { stored?: Notice[]; refuseSeen?: Error } = {}): SetUp {
  const listeners = new Set<(message: ServerMessage) => void>();
  const announced: SetUp["announced"] = [];
  const seen: number[] = [];
  const notices = new NoticesModel({
    api: {
      listNotices: () => Promise.resolve({ items: options.stored ?? [] }),
      markNoticesSeen: (upTo) => {
        seen.push(upTo);
        return options.refuseSeen === undefined ? Promise.resolve() : Promise.reject(options.refuseSeen);
      },
    },
    onMessage: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce: (notice) => {
      announced.push(notice.id);
      return Promise.resolve();
    },
  });
  const push = (notice: Notice): void =>
    listeners.forEach((listener) => listener({ type: "notice", notice }));
  return { notices, push, announced, seen };
}

Deno.test("a pushed notice is announced once and counted, also when it comes again", () => {
  const { notices, push, announced } = setUp();
  push(makeNotice(1));
  push(makeNotice(1));
  assert.deepEqual(announced, [1]);
  assert.equal(notices.unseen.value, 1);
});

Deno.test("what happened while no page was open is counted but not announced", async () => {
  const { notices, push, announced } = setUp({ stored: [makeNotice(2), makeNotice(1, { seen: true })] });
  await notices.load();
  push(makeNotice(2));
  assert.equal(notices.unseen.value, 1);
  assert.deepEqual(announced, []);
});

Deno.test("questions are kept and counted, and left to their session's change to announce", () => {
  const { notices, push, announced } = setUp();
  push(makeNotice(1, { kind: "needs_you" }));
  assert.equal(notices.unseen.value, 1);
  assert.deepEqual(announced, []);
});

Deno.test("marking as seen goes up to the newest, and is taken back when refused", async () => {
  const good = setUp({ stored: [makeNotice(2), makeNotice(1)] });
  await good.notices.load();
  await good.notices.markSeen();
  await good.notices.markSeen();
  assert.deepEqual(good.seen, [2]);
  assert.equal(good.notices.unseen.value, 0);
  const bad = setUp({ stored: [makeNotice(1)], refuseSeen: new Error("offline") });
  await bad.notices.load();
  await bad.notices.markSeen();
  assert.equal(bad.notices.unseen.value, 1);
  assert.equal(bad.notices.error.value, "offline");
});

Deno.test("mergeNotices keeps the newest first and what was seen seen", () => {
  const merged = mergeNotices([makeNotice(2, { seen: true })], [makeNotice(3), makeNotice(2), makeNotice(1)]);
  assert.deepEqual(merged.map(({ id, seen }) => [id, seen]), [[3, false], [2, true], [1, false]]);
});
