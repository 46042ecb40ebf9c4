// Brings notices to the user by what the browser has: toasts, its own notifications, a sound. Once over all tabs.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Notice } from "../server/protocol.ts";
import { type Announcement, claimAnnouncement, type Surroundings } from "./announce.ts";
import type { Api } from "./api.ts";
import { playChime } from "./chime.ts";
import type { FleetSettingsStore } from "./models/fleet_settings.ts";
import { type Notices, NoticesModel } from "./models/notices.ts";
import type { Toasts, ToastTone } from "./models/toasts.ts";
import { openSessionId, type Router, sessionPath } from "./router.ts";
import type { FleetSocket } from "./socket.ts";

export type Permission = NotificationPermission | "unsupported";

/** Whether and how this browser may announce things. */
export interface Announcing {
  permission: ReadonlySignal<Permission>;
  /** Asks the user, if the browser has not asked before. Only after the user turned notifications on. */
  askPermission(): Promise<Permission>;
  /** For trying the sound out. */
  playSound(): void;
}

interface NoticeParts {
  api: Api;
  socket: FleetSocket;
  toasts: Toasts;
  router: Router;
  fleetSettings: FleetSettingsStore;
}

/** The tab that the user is on goes first; the others wait this long before one of them speaks. */
const OTHERS_WAIT_MS = 300;

const TONES: Record<Notice["kind"], ToastTone> = {
  budget_warning: "warning",
  budget_stop: "error",
  needs_you: "warning",
  prices: "info",
};

export function createNotices(parts: NoticeParts): { notices: Notices; announcing: Announcing } {
  const permission = signal<Permission>(readPermission());
  const notices = new NoticesModel({
    api: parts.api,
    onMessage: (listener) => parts.socket.onMessage(listener),
    surroundings: () => surroundings(parts, permission.value),
    claim,
    announce: (notice, how) => announce(notice, { ...parts, how }),
  });
  const askPermission = async (): Promise<Permission> => {
    if (permission.value === "default") permission.value = await Notification.requestPermission();
    return permission.value;
  };
  return { notices, announcing: { permission, askPermission, playSound: playChime } };
}

function readPermission(): Permission {
  return "Notification" in globalThis ? Notification.permission : "unsupported";
}

function surroundings(parts: NoticeParts, permission: Permission): Surroundings | undefined {
  const settings = parts.fleetSettings.values.value;
  if (settings === undefined) return undefined;
  return {
    settings,
    focused: document.hasFocus(),
    allowed: permission === "granted",
    openSessionId: openSessionId(parts.router),
  };
}

async function claim(notice: Notice): Promise<boolean> {
  if (!document.hasFocus()) await wait(OTHERS_WAIT_MS);
  // Only pages of a secure origin have locks; elsewhere each tab speaks for itself.
  const locks = "locks" in navigator ? navigator.locks : undefined;
  return await claimAnnouncement(String(notice.id), { locks, wait });
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function announce(
  notice: Notice,
  { how, toasts, router }: { how: Announcement; toasts: Toasts; router: Router },
): void {
  if (how.toast) {
    toasts.show({
      tone: TONES[notice.kind],
      title: notice.title,
      text: notice.text,
      ...(notice.sessionId === undefined
        ? {}
        : { link: { label: "Show", path: sessionPath(notice.sessionId) } }),
    });
  }
  if (how.browser) showNotification(notice, router);
  if (how.sound) playChime();
}

function showNotification(notice: Notice, router: Router): void {
  const shown = new Notification(notice.title, { body: notice.text, tag: `agents-fleet-${notice.id}` });
  shown.onclick = () => {
    globalThis.focus();
    shown.close();
    if (notice.sessionId !== undefined) {
      router.go({ name: "session", id: notice.sessionId, tab: "terminal" });
    }
  };
}
