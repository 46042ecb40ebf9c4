import assert from "node:assert/strict";
import type { Notice } from "../server/protocol.ts";
import { claimAnnouncement, type ClaimLocks, decideAnnouncement, type Surroundings } from "./announce.ts";

const WARNING: Notice = {
  id: 1,
  atMs: 0,
  kind: "budget_warning",
  title: "80 %",
  text: "",
  sessionId: "s1",
  seen: false,
};
const QUESTION: Notice = { ...WARNING, kind: "needs_you" };

function around(patch: Partial<Surroundings> = {}): Surroundings {
  return {
    settings: { notifyBrowser: true, notifyToast: true, notifySound: true },
    focused: true,
    allowed: true,
    openSessionId: undefined,
    ...patch,
  };
}

Deno.test("on the page a toast is enough; away from it the browser says it too", () => {
  assert.deepEqual(decideAnnouncement(WARNING, around()), { toast: true, browser: false, sound: true });
  assert.deepEqual(decideAnnouncement(WARNING, around({ focused: false })), {
    toast: true,
    browser: true,
    sound: true,
  });
});

Deno.test("without toasts the browser says it on the page as well", () => {
  const settings = { notifyBrowser: true, notifyToast: false, notifySound: false };
  assert.deepEqual(decideAnnouncement(WARNING, around({ settings })), {
    toast: false,
    browser: true,
    sound: false,
  });
});

Deno.test("nothing is shown that the browser does not allow", () => {
  assert.equal(decideAnnouncement(WARNING, around({ focused: false, allowed: false })).browser, false);
});

Deno.test("a question or a hold on screen is not announced, a budget is", () => {
  const here = around({ openSessionId: "s1" });
  const hold: Notice = { ...WARNING, kind: "budget_hold" };
  assert.deepEqual(decideAnnouncement(hold, here), { toast: false, browser: false, sound: false });
  assert.equal(decideAnnouncement(hold, around()).toast, true);
  assert.deepEqual(decideAnnouncement(QUESTION, here), { toast: false, browser: false, sound: false });
  assert.equal(decideAnnouncement(QUESTION, { ...here, focused: false }).browser, true);
  assert.equal(decideAnnouncement(WARNING, here).toast, true);
});

/** Locks of one browser: a name is free until its holder is done. */
class FakeLocks implements ClaimLocks {
  readonly #held = new Set<string>();

  async request(
    name: string,
    _options: { ifAvailable: true },
    callback: (lock: unknown) => Promise<void>,
  ): Promise<void> {
    if (this.#held.has(name)) return await callback(null);
    this.#held.add(name);
    await callback({ name });
    this.#held.delete(name);
  }
}

Deno.test("of several tabs exactly one announces a notice", async () => {
  const locks = new FakeLocks();
  const waits: (() => void)[] = [];
  const wait = (): Promise<void> => new Promise((resolve) => waits.push(resolve));
  const claims = await Promise.all([1, 2, 3].map(() => claimAnnouncement("7", { locks, wait })));
  assert.deepEqual(claims, [true, false, false]);
  assert.equal(await claimAnnouncement("8", { locks, wait }), true);
  waits.forEach((end) => end());
});

Deno.test("where the browser has no locks every tab speaks", async () => {
  const wait = (): Promise<void> => Promise.resolve();
  assert.equal(await claimAnnouncement("7", { locks: undefined, wait }), true);
});
