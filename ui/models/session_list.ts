// How sessions are filtered, grouped and laid out in the list; pure.

import type { SessionKind, SessionView } from "../../server/protocol.ts";
import { formatDay } from "../format.ts";
import { groupOf, isLive } from "../session_status.ts";

export type StatusFilter = "all" | "needs" | "live" | "ended";
export type Grouping = "state" | "repository";

export interface SessionFilter {
  q: string;
  kind: SessionKind | "all";
  /** Root of a repository, or `all`. */
  repository: string;
  status: StatusFilter;
}

export const NO_FILTER: SessionFilter = { q: "", kind: "all", repository: "all", status: "all" };

export type ListRow =
  | { type: "header"; key: string; label: string; count: number }
  | { type: "session"; key: string; session: SessionView };

/** Newest first; ids break ties, as the server does. */
export function newestFirst(a: SessionView, b: SessionView): number {
  return b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1);
}

export function matchesFilter(session: SessionView, filter: SessionFilter): boolean {
  if (filter.kind !== "all" && session.kind !== filter.kind) return false;
  if (filter.repository !== "all" && session.repository?.root !== filter.repository) return false;
  if (!matchesStatus(session, filter.status)) return false;
  return matchesText(session, filter.q);
}

/** Whether anything is filtered out. */
export function isFiltering(filter: SessionFilter): boolean {
  return filter.q !== "" || filter.kind !== "all" || filter.repository !== "all" || filter.status !== "all";
}

/** Rows with headers: by state (ended ones by day), or by repository. */
export function layOutRows(
  sessions: readonly SessionView[],
  options: { grouping: Grouping; nowMs: number },
): ListRow[] {
  const label = options.grouping === "repository"
    ? repositoryLabel
    : (session: SessionView) => stateLabel(session, options.nowMs);
  const groups = new Map<string, SessionView[]>();
  for (const fixed of options.grouping === "state" ? ["Needs you", "Running"] : []) groups.set(fixed, []);
  for (const session of [...sessions].sort(newestFirst)) {
    const name = label(session);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [session]);
    else group.push(session);
  }
  return [...groups].flatMap(([name, members]) => members.length === 0 ? [] : groupRows(name, members));
}

export const ROW_PX = 60;
export const HEADER_PX = 32;

/** The rows to draw for a scroll position, and the space before and after them. */
export function visibleSlice(
  rows: readonly ListRow[],
  view: { top: number; height: number },
): { start: number; end: number; before: number; after: number } {
  const margin = view.height;
  let y = 0;
  let start = rows.length;
  let end = 0;
  let before = 0;
  let drawn = 0;
  for (const [index, row] of rows.entries()) {
    const height = row.type === "header" ? HEADER_PX : ROW_PX;
    if (y + height > view.top - margin && y < view.top + view.height + margin) {
      if (index < start) [start, before] = [index, y];
      end = index + 1;
      drawn += height;
    }
    y += height;
  }
  return { start: Math.min(start, end), end, before, after: y - before - drawn };
}

/** Distance of a row from the top of the list. */
export function rowTop(rows: readonly ListRow[], key: string): number {
  let y = 0;
  for (const row of rows) {
    if (row.key === key) break;
    y += row.type === "header" ? HEADER_PX : ROW_PX;
  }
  return y;
}

function groupRows(label: string, members: SessionView[]): ListRow[] {
  const rows = members.map((session): ListRow => ({ type: "session", key: session.id, session }));
  return [{ type: "header", key: `header ${label}`, label, count: members.length }, ...rows];
}

function stateLabel(session: SessionView, nowMs: number): string {
  const group = groupOf(session);
  if (group === "needs") return "Needs you";
  return group === "running" ? "Running" : formatDay(session.createdAtMs, nowMs);
}

function repositoryLabel(session: SessionView): string {
  return session.repository?.name ?? "Without a repository";
}

function matchesStatus(session: SessionView, status: StatusFilter): boolean {
  switch (status) {
    case "all":
      return true;
    case "needs":
      return groupOf(session) === "needs";
    case "live":
      return isLive(session);
    case "ended":
      return !isLive(session);
  }
}

function matchesText(session: SessionView, q: string): boolean {
  const wanted = q.trim().toLowerCase();
  if (wanted === "") return true;
  const { title = "", aiTitle = "", command, cwd, repository } = session;
  const text = `${title}\n${aiTitle}\n${command}\n${cwd}\n${repository?.name ?? ""}\n${
    repository?.branch ?? ""
  }`;
  return text.toLowerCase().includes(wanted);
}
