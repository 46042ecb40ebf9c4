// What the user does to sessions: stop, pause, relaunch, delete, rename, download. Failures become messages.

import { createModel, signal } from "@preact/signals";
import type { AtLimit, ResumeRequest, SessionView } from "../../server/protocol.ts";
import { errorMessage } from "../api/api_error.ts";
import type { SessionCalls } from "../api/sessions.ts";
import { formatPlural } from "../format.ts";
import { isLive, sessionName } from "../session_status.ts";
import type { KnownSessions } from "./known_sessions.ts";
import type { Toasts } from "./toasts.ts";

export interface SessionActionsOptions {
  api: Pick<
    SessionCalls,
    | "stopSession"
    | "stopAll"
    | "pauseSession"
    | "continueSession"
    | "relaunchSession"
    | "resumeSession"
    | "deleteSession"
    | "updateSession"
    | "getRecording"
  >;
  sessions: Pick<KnownSessions, "put" | "remove">;
  toasts: Pick<Toasts, "show">;
  /** Goes to a session just launched. */
  open(session: SessionView): void;
  /** Hands a file to the user. */
  saveFile(name: string, content: Blob): void;
}

export const SessionActionsModel = createModel((options: SessionActionsOptions) => {
  const { api, sessions, toasts } = options;
  /** Sessions something is being done to: their buttons wait. */
  const busy = signal<ReadonlySet<string>>(new Set());

  async function attempt(what: string, id: string, work: () => Promise<void>): Promise<boolean> {
    busy.value = new Set([...busy.value, id]);
    try {
      await work();
      return true;
    } catch (thrown) {
      toasts.show({ tone: "error", text: `${what}: ${errorMessage(thrown)}` });
      return false;
    } finally {
      busy.value = new Set([...busy.value].filter((each) => each !== id));
    }
  }
  function stop(session: SessionView): Promise<boolean> {
    return attempt(
      `“${sessionName(session)}” was not stopped`,
      session.id,
      async () => sessions.put(await api.stopSession(session.id)),
    );
  }
  function remove(session: SessionView): Promise<boolean> {
    return attempt(`“${sessionName(session)}” was not deleted`, session.id, async () => {
      await api.deleteSession(session.id);
      sessions.remove(session.id);
    });
  }

  return {
    busy,
    stop,
    /** Deletes an ended session with its recording. */
    remove,
    async stopAll(): Promise<void> {
      await attempt("Not everything was stopped", "*", async () => {
        const { stopping } = await api.stopAll();
        toasts.show({ tone: "info", text: `Stopping ${formatPlural(stopping, "session")}` });
      });
    },
    async stopMany(chosen: readonly SessionView[]): Promise<void> {
      await Promise.all(chosen.filter(isLive).map(stop));
    },
    async removeMany(chosen: readonly SessionView[]): Promise<void> {
      const gone = await Promise.all(chosen.filter((session) => !isLive(session)).map(remove));
      const count = gone.filter((worked) => worked).length;
      if (count > 0) toasts.show({ tone: "info", text: `Deleted ${formatPlural(count, "session")}` });
    },
    /** Lets everything in it stand still, or go on. */
    async setPaused(session: SessionView, paused: boolean): Promise<void> {
      const what = paused ? "paused" : "continued";
      await attempt(`“${sessionName(session)}” was not ${what}`, session.id, async () => {
        const { id } = session;
        sessions.put(await (paused ? api.pauseSession(id) : api.continueSession(id)));
      });
    },
    /** What its calls meet at a limit from now on. */
    async setAtLimit(session: SessionView, atLimit: AtLimit): Promise<void> {
      if (atLimit === session.atLimit) return;
      await attempt("What happens at a limit was not changed", session.id, async () => {
        sessions.put(await api.updateSession(session.id, { atLimit }));
      });
    },
    async relaunch(session: SessionView): Promise<void> {
      await attempt(`“${sessionName(session)}” was not launched`, session.id, async () => {
        const launched = await api.relaunchSession(session.id);
        sessions.put(launched);
        options.open(launched);
      });
    },
    /** Goes on with the agent's conversation, with the same options and what is left of the budget, or a new one. */
    async resume(session: SessionView, request: ResumeRequest = {}): Promise<void> {
      await attempt(`“${sessionName(session)}” was not resumed`, session.id, async () => {
        const resumed = await api.resumeSession(session.id, request);
        sessions.put(resumed);
        options.open(resumed);
      });
    },
    /** An empty title takes the user's own away: that of its summary is shown again, or the command. */
    async rename(session: SessionView, title: string): Promise<void> {
      const next = title.trim() === "" ? null : title.trim();
      if (next === (session.title ?? session.aiTitle ?? null)) return;
      await attempt("The title was not saved", session.id, async () => {
        sessions.put(await api.updateSession(session.id, { title: next }));
      });
    },
    async download(session: SessionView): Promise<void> {
      await attempt("The recording was not downloaded", session.id, async () => {
        options.saveFile(`session-${session.id}.raw`, await api.getRecording(session.id));
      });
    },
  };
});

export type SessionActions = InstanceType<typeof SessionActionsModel>;
