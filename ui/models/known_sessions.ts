// Every session the page has heard of, kept current by pushed events. Safe against repeats and old news.

import { computed, createModel, effect, signal } from "@preact/signals";
import type { ServerMessage, SessionView } from "../../server/protocol.ts";
import { groupOf, isLive } from "../session_status.ts";
import { newestFirst } from "./session_list.ts";

export interface KnownSessionsOptions {
  onMessage(listener: (message: ServerMessage) => void): () => void;
  /** Called with both states when a known session changed. */
  onChange(before: SessionView, after: SessionView): void;
}

type SessionMap = ReadonlyMap<string, SessionView>;

export const KnownSessionsModel = createModel((options: KnownSessionsOptions) => {
  const byId = signal<SessionMap>(new Map());
  const all = computed(() => [...byId.value.values()]);
  const live = computed(() => all.value.filter(isLive).sort(newestFirst));
  /** What was pushed while a reload is under way; undefined stands for deleted. */
  let pushed: Map<string, SessionView | undefined> | undefined;

  function put(session: SessionView): void {
    const before = byId.value.get(session.id);
    byId.value = mergeSession(byId.value, session);
    pushed?.set(session.id, session);
    if (before !== undefined && isNews(before, session)) options.onChange(before, session);
  }
  function remove(id: string): void {
    byId.value = withoutSession(byId.value, id);
    pushed?.set(id, undefined);
  }
  effect(() =>
    options.onMessage((message) => {
      if (message.type === "session") put(message.session);
      if (message.type === "session_deleted") remove(message.sessionId);
    })
  );

  return {
    byId,
    all,
    /** All sessions of which something may still run, newest first. */
    live,
    counts: computed(() => ({
      live: live.value.length,
      needs: live.value.filter((session) => groupOf(session) === "needs").length,
    })),
    put,
    remove,
    /** Puts a fresh load in place of everything, without losing what was pushed since it was asked for. */
    async replace(load: () => Promise<readonly SessionView[]>): Promise<void> {
      const mine = pushed = new Map();
      try {
        const items = await load();
        byId.value = applyPushed(items, mine);
      } finally {
        if (pushed === mine) pushed = undefined;
      }
    },
  };
});

export type KnownSessions = InstanceType<typeof KnownSessionsModel>;

/** What an agent is doing, and whether it is held, is not stored: it changes without a new revision. */
function isNews(before: SessionView, after: SessionView): boolean {
  if (before.revision !== after.revision) return before.revision < after.revision;
  return before.activity !== after.activity || before.held !== after.held;
}

/** Keeps the newer of two states of one session. */
function mergeSession(known: SessionMap, session: SessionView): SessionMap {
  const before = known.get(session.id);
  if (before !== undefined && before.revision > session.revision) return known;
  return new Map(known).set(session.id, session);
}

function withoutSession(known: SessionMap, id: string): SessionMap {
  const next = new Map(known);
  next.delete(id);
  return next;
}

function applyPushed(
  items: readonly SessionView[],
  pushed: ReadonlyMap<string, SessionView | undefined>,
): SessionMap {
  let known: SessionMap = new Map(items.map((session) => [session.id, session]));
  for (const [id, session] of pushed) {
    known = session === undefined ? withoutSession(known, id) : mergeSession(known, session);
  }
  return known;
}
