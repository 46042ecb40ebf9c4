// Places of the page and their addresses; the only user of the history API.

import { createModel, effect, signal } from "@preact/signals";

export type SessionTabId = "terminal" | "changes" | "ledger" | "artifacts" | "details";

/** Parts of the settings, in their order; each has an address. */
export const SETTINGS_SECTIONS = [
  "budgets",
  "notifications",
  "appearance",
  "launching",
  "prices",
  "summaries",
  "recordings",
  "snapshots",
  "access",
  "about",
] as const;
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number];

/** What the tab of changes shows: two snapshots, and one of the files. */
export interface ChangesPlace {
  from?: number;
  to?: number | "now";
  file?: string;
}

export type Route =
  | { name: "fleet" }
  | { name: "new"; cwd?: string; command?: string }
  | {
    name: "session";
    id: string;
    tab: SessionTabId;
    at?: number;
    view?: "gate";
    changes?: ChangesPlace;
    /** The one that is open. */
    artifact?: string;
  }
  | { name: "settings"; section?: SettingsSection }
  | { name: "unknown"; path: string };

const SESSION_TABS: readonly SessionTabId[] = ["terminal", "changes", "ledger", "artifacts", "details"];

/** The place an address names. */
export function parseRoute(path: string, search = ""): Route {
  const parts = path.split("/").filter((part) => part !== "");
  const query = new URLSearchParams(search);
  if (parts.length === 0) return { name: "fleet" };
  if (parts.length === 1 && parts[0] === "new") return { name: "new", ...launchFields(query) };
  if (parts.length <= 2 && parts[0] === "settings") {
    return parseSettingsRoute(parts[1]) ?? { name: "unknown", path };
  }
  return parseSessionRoute(parts, query) ?? { name: "unknown", path };
}

/** The address of a place; `parseRoute` reads it back. */
export function routePath(route: Route): string {
  switch (route.name) {
    case "fleet":
      return "/";
    case "new":
      return "/new" + search({ cwd: route.cwd, command: route.command });
    case "session": {
      const tab = route.tab === "terminal" ? "" : `/${route.tab}`;
      const artifact = route.artifact === undefined ? "" : `/${encodeURIComponent(route.artifact)}`;
      const { from, to, file } = route.changes ?? {};
      const query = {
        at: route.at?.toString(),
        view: route.view,
        from: from?.toString(),
        to: to?.toString(),
        file,
      };
      return `/s/${encodeURIComponent(route.id)}${tab}${artifact}${search(query)}`;
    }
    case "settings":
      return route.section === undefined ? "/settings" : `/settings/${route.section}`;
    case "unknown":
      return route.path;
  }
}

/** Address of a session's terminal. */
export function sessionPath(id: string): string {
  return routePath({ name: "session", id, tab: "terminal" });
}

function parseSessionRoute(parts: string[], query: URLSearchParams): Route | undefined {
  const [place, id, tab = "terminal", part] = parts;
  if (place !== "s" || id === undefined || parts.length > 4) return undefined;
  const known = SESSION_TABS.find((each) => each === tab);
  if (known === undefined || (part !== undefined && known !== "artifacts")) return undefined;
  const artifact = part === undefined ? {} : { artifact: decodeURIComponent(part) };
  const at = query.get("at");
  const offset = at !== null && /^\d{1,15}$/.test(at) ? { at: Number(at) } : {};
  const view = known === "ledger" && query.get("view") === "gate" ? { view: "gate" as const } : {};
  const changes = known === "changes" ? changesPlace(query) : {};
  return {
    name: "session",
    id: decodeURIComponent(id),
    tab: known,
    ...offset,
    ...view,
    ...changes,
    ...artifact,
  };
}

function changesPlace(query: URLSearchParams): { changes?: ChangesPlace } {
  const [from, to, file] = ["from", "to", "file"].map((name) => query.get(name));
  const isId = (text: string | null | undefined): boolean => /^\d{1,15}$/.test(text ?? "");
  const changes: ChangesPlace = {
    ...(isId(from) ? { from: Number(from) } : {}),
    ...(isId(to) ? { to: Number(to) } : to === "now" ? { to } : {}),
    ...(file ? { file } : {}),
  };
  return Object.keys(changes).length === 0 ? {} : { changes };
}

function parseSettingsRoute(part: string | undefined): Route | undefined {
  if (part === undefined) return { name: "settings" };
  const section = SETTINGS_SECTIONS.find((each) => each === part);
  return section === undefined ? undefined : { name: "settings", section };
}

function launchFields(query: URLSearchParams): { cwd?: string; command?: string } {
  const cwd = query.get("cwd");
  const command = query.get("command");
  return { ...(cwd === null ? {} : { cwd }), ...(command === null ? {} : { command }) };
}

function search(fields: Record<string, string | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) query.set(name, value);
  return query.size === 0 ? "" : `?${query}`;
}

/** The parts of `window` that the router uses. */
export interface RouterWindow {
  location: { pathname: string; search: string };
  history: Pick<History, "pushState" | "replaceState">;
  addEventListener(type: "popstate", listener: () => void): void;
  removeEventListener(type: "popstate", listener: () => void): void;
}

/** Where the page is. */
export const RouterModel = createModel((host: RouterWindow) => {
  const read = (): Route => parseRoute(host.location.pathname, host.location.search);
  const route = signal<Route>(read());

  effect(() => {
    const follow = (): void => {
      route.value = read();
    };
    host.addEventListener("popstate", follow);
    return () => host.removeEventListener("popstate", follow);
  });

  return {
    route,
    /** Goes to a place; being there already changes nothing. */
    go(next: Route): void {
      if (routePath(next) === routePath(route.value)) return;
      host.history.pushState(null, "", routePath(next));
      route.value = next;
    },
    /** Corrects the address of the current place without a new entry in the history. */
    replace(next: Route): void {
      if (routePath(next) === routePath(route.value)) return;
      host.history.replaceState(null, "", routePath(next));
      route.value = next;
    },
  };
});

export type Router = InstanceType<typeof RouterModel>;

/** The session on screen. */
export function openSessionId(router: Pick<Router, "route">): string | undefined {
  const route = router.route.value;
  return route.name === "session" ? route.id : undefined;
}
