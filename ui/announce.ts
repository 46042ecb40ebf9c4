// How a notice reaches the user on this page: one way for each event, never twice; pure but for the claim.

import type { FleetSettings, Notice } from "../server/protocol.ts";

export interface Surroundings {
  settings: Pick<FleetSettings, "notifyBrowser" | "notifyToast" | "notifySound">;
  /** The user is on this page right now. */
  focused: boolean;
  /** This browser allows notifications. */
  allowed: boolean;
  /** The session on screen. */
  openSessionId: string | undefined;
}

export interface Announcement {
  toast: boolean;
  browser: boolean;
  sound: boolean;
}

/** What a session's own page shows at its top or over its terminal. */
const SAYS_ITSELF: ReadonlySet<Notice["kind"]> = new Set(["needs_you", "budget_hold"]);

/** On the page a toast is enough; away from it the browser says it. What the page shows itself needs no words. */
export function decideAnnouncement(
  news: { kind: Notice["kind"]; sessionId?: string },
  around: Surroundings,
): Announcement {
  const { settings, focused, allowed } = around;
  const onScreen = focused && SAYS_ITSELF.has(news.kind) && news.sessionId === around.openSessionId;
  if (onScreen) return { toast: false, browser: false, sound: false };
  const toast = settings.notifyToast;
  return {
    toast,
    browser: settings.notifyBrowser && allowed && !(focused && toast),
    sound: settings.notifySound,
  };
}

/** The parts of the browser's locks that are used. */
export interface ClaimLocks {
  request(
    name: string,
    options: { ifAvailable: true },
    callback: (lock: unknown) => Promise<void>,
  ): Promise<void>;
}

/** Longer than any other tab waits before it tries. */
const CLAIM_HELD_MS = 10_000;

/**
 * Whether this tab is the one that announces something: the first of all tabs of this browser to ask. Without
 * locks every tab is.
 */
export function claimAnnouncement(
  key: string,
  options: { locks: ClaimLocks | undefined; wait(ms: number): Promise<void> },
): Promise<boolean> {
  const { locks } = options;
  if (locks === undefined) return Promise.resolve(true);
  const claimed = Promise.withResolvers<boolean>();
  locks.request(`agents-fleet.announce.${key}`, { ifAvailable: true }, async (lock) => {
    claimed.resolve(lock !== null);
    if (lock !== null) await options.wait(CLAIM_HELD_MS);
  }).catch(claimed.reject);
  return claimed.promise;
}
