// Server-side screens as the holder uses them: replies, activity and stored screens, out of what programs print.
import type { Log } from "../log.ts";
import type { Activity } from "../protocol.ts";
import type { ProgramNotice } from "./api.ts";
import type { ScreenListener } from "./holder.ts";
import type { Screens } from "./live_session.ts";
import type { Notice } from "./screen/notices.ts";
import { ScreenPool } from "./screen/screen_pool.ts";

/** States of the Program Status Protocol (OSC 7501); words we do not know say nothing. */
const ACTIVITIES: Record<string, Activity> = {
  working: "working",
  blocked: "needs_you",
  done: "idle",
  idle: "idle",
  clear: "unknown",
};

export function createScreens(
  listener: ScreenListener,
  { log, onWorkerEnded }: { log: Log; onWorkerEnded: () => void },
): Screens {
  return new ScreenPool({
    onWorkerEnded,
    events: {
      onReply: (session, bytes) => listener.onReply(session, bytes),
      onKeyframe: (session, keyframe) => listener.onKeyframe(session, keyframe),
      onNotice: (session, notice) => {
        if (notice.type === "bell") return listener.onBell(session, notice.offset);
        const told = readProgramNotice(notice);
        if (told) listener.onProgramNotice(session, { offset: notice.offset, notice: told });
        const said = readActivity(notice);
        if (said) listener.onActivity(session, said);
      },
      onParsed: (session, offset) => listener.onParsed(session, offset),
      onBroken: (session, message) => log.error("A server-side screen failed", { session, message }),
    },
  });
}

/** A status report, or a notification: programs send those when they want the user to look. */
function readActivity(
  notice: Notice,
): { activity: Activity; question?: string; isNotification?: true } | undefined {
  if (notice.type === "notification") {
    const text = notificationText(notice);
    return { activity: "needs_you", isNotification: true, ...(text ? { question: text } : {}) };
  }
  const activity = notice.type === "status" ? ACTIVITIES[notice.state] : undefined;
  if (!activity || notice.type !== "status") return undefined;
  return activity === "needs_you" && notice.message ? { activity, question: notice.message } : { activity };
}

/** What is kept as something the program left. */
function readProgramNotice(notice: Notice): ProgramNotice | undefined {
  if (notice.type === "notification") return { kind: "notification", text: notificationText(notice) };
  if (notice.type === "dropped") return { kind: "dropped", count: notice.count };
  if (notice.type !== "clipboard_write") return undefined;
  return { kind: "clipboard", bytes: notice.bytes, text: notice.text };
}

function notificationText({ title, text }: { title: string; text: string }): string {
  return [title, text].filter(Boolean).join(": ");
}
