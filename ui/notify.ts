// Brings notices to the user by what the browser has: toasts, its own notifications, a sound. Once over all tabs.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Notice, SessionView } from "../server/protocol.ts";
import { type Announcement, claimAnnouncement, decideAnnouncement, type Surroundings } from "./announce.ts";
import type { Api } from "./api/api.ts";
import { playChime } from "./chime.ts";
import type { FleetSettingsStore } from "./models/fleet_settings.ts";
import { type Notices, NoticesModel } from "./models/notices.ts";
import type { Toasts, ToastTone } from "./models/toasts.ts";
import { openSessionId, type Router, sessionPath } from "./router.ts";
import { sessionName } from "./session_status.ts";
import type { FleetSocket } from "./socket.ts";

export type Permission = NotificationPermission | "unsupported";

/** Whether and how this browser may announce things. */
export interface Announcing {
  permission: ReadonlySignal<Permission>;
  /** Asks the user, if the browser has not asked before. Only after the user turned notifications on. */
  askPermission(): Promise<Permission>;
  /** Tells the user that an agent asks something. */
  announceQuestion(session: SessionView): Promise<void>;
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
  budget_hold: "warning",
  ungated: "warning",
  needs_you: "warning",
  prices: "info",
  recordings: "error",
};

/** What is announced: a notice, or a session that asks. */
type News = Pick<Notice, "kind" | "title" | "text"> & { key: string; sessionId?: string };

export function createNotices(parts: NoticeParts): { notices: Notices; announcing: Announcing } {
  const permission = signal<Permission>(readPermission());
  const tell = (news: News): Promise<void> => announceOnce(news, { ...parts, permission });
  const notices = new NoticesModel({
    api: parts.api.fleet,
    onMessage: (listener) => parts.socket.onMessage(listener),
    announce: (notice) => tell({ ...notice, key: String(notice.id) }),
  });
  const askPermission = async (): Promise<Permission> => {
    if (permission.value === "default") permission.value = await Notification.requestPermission();
    return permission.value;
  };
  const announceQuestion = (session: SessionView): Promise<void> => tell(newsOfQuestion(session));
  return { notices, announcing: { permission, askPermission, announceQuestion, playSound: playChime } };
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

/** A second question within the time of a claim is the same matter. */
function newsOfQuestion(session: SessionView): News {
  return {
    kind: "needs_you",
    key: `question-${session.id}`,
    title: `“${sessionName(session)}” needs you`,
    text: session.question ?? "It waits for an answer",
    sessionId: session.id,
  };
}

async function announceOnce(
  news: News,
  parts: NoticeParts & { permission: ReadonlySignal<Permission> },
): Promise<void> {
  if (!await claim(news.key)) return;
  const around = surroundings(parts, parts.permission.value);
  if (around !== undefined) announce(news, { ...parts, how: decideAnnouncement(news, around) });
}

async function claim(key: string): Promise<boolean> {
  if (!document.hasFocus()) await wait(OTHERS_WAIT_MS);
  // Only pages of a secure origin have locks; elsewhere each tab speaks for itself.
  const locks = "locks" in navigator ? navigator.locks : undefined;
  return await claimAnnouncement(key, { locks, wait });
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function announce(
  news: News,
  { how, toasts, router }: { how: Announcement; toasts: Toasts; router: Router },
): void {
  if (how.toast) {
    toasts.show({
      tone: TONES[news.kind],
      title: news.title,
      text: news.text,
      ...(news.sessionId === undefined ? {} : { link: { label: "Show", path: sessionPath(news.sessionId) } }),
    });
  }
  if (how.browser) showNotification(news, router);
  if (how.sound) playChime();
}

function showNotification(news: News, router: Router): void {
  const shown = new Notification(news.title, { body: news.text, tag: `agents-fleet-${news.key}` });
  shown.onclick = () => {
    globalThis.focus();
    shown.close();
    if (news.sessionId !== undefined) {
      router.go({ name: "session", id: news.sessionId, tab: "terminal" });
    }
  };
}
