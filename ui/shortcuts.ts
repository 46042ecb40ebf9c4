// Which key does what on the page; the one list behind the handlers and the help sheet. Pure but for the `g` prefix.

export type ShortcutId =
  | "palette"
  | "help"
  | "new"
  | "go-fleet"
  | "go-settings"
  | "session-pause"
  | "list-search"
  | "list-next"
  | "list-previous"
  | "list-select"
  | "list-toggle"
  | "stop-all"
  | "terminal-search"
  | "terminal-leave"
  | "terminal-composer"
  | ChangesShortcutId;

export type ChangesShortcutId =
  | "changes-next-file"
  | "changes-previous-file"
  | "changes-next"
  | "changes-previous"
  | "changes-view"
  | "changes-viewed"
  | "changes-fold"
  | "changes-whitespace"
  | "changes-filter";

export interface Shortcut {
  id: ShortcutId;
  group: "Anywhere" | "Session list" | "Terminal";
  /** As shown in the help sheet; `Mod` is Ctrl, on a Mac Cmd. */
  keys: string;
  label: string;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { id: "palette", group: "Anywhere", keys: "Mod K", label: "Find sessions, places and actions" },
  { id: "palette", group: "Anywhere", keys: "Mod Shift P", label: "The same, also from a terminal" },
  { id: "stop-all", group: "Anywhere", keys: "Mod Shift X", label: "Stop all sessions (asks once)" },
  { id: "new", group: "Anywhere", keys: "N", label: "New session" },
  { id: "go-fleet", group: "Anywhere", keys: "G F", label: "Go to the fleet" },
  { id: "new", group: "Anywhere", keys: "G N", label: "Go to new session" },
  { id: "go-settings", group: "Anywhere", keys: "G S", label: "Go to settings" },
  { id: "session-pause", group: "Anywhere", keys: "P", label: "Pause or continue the session on screen" },
  { id: "help", group: "Anywhere", keys: "?", label: "This sheet" },
  { id: "list-search", group: "Session list", keys: "/", label: "Search sessions" },
  { id: "list-next", group: "Session list", keys: "J", label: "Next session" },
  { id: "list-previous", group: "Session list", keys: "K", label: "Previous session" },
  { id: "list-select", group: "Session list", keys: "X", label: "Choose the session for stop or delete" },
  { id: "list-toggle", group: "Session list", keys: "[", label: "Show or hide the list" },
  { id: "terminal-search", group: "Terminal", keys: "Mod Shift F", label: "Search in the terminal" },
  {
    id: "terminal-composer",
    group: "Terminal",
    keys: "Mod Shift E",
    label: "Write a message of several lines",
  },
  { id: "terminal-leave", group: "Terminal", keys: "Mod Shift L", label: "Leave the terminal" },
];

/** Keys of the tab of changes; while it is on screen they come before the others. */
export const CHANGES_KEYS: readonly { id: ChangesShortcutId; keys: string; label: string }[] = [
  { id: "changes-next-file", keys: "]", label: "Next file" },
  { id: "changes-previous-file", keys: "[", label: "Previous file" },
  { id: "changes-next", keys: "N", label: "Next change" },
  { id: "changes-previous", keys: "P", label: "Previous change" },
  { id: "changes-view", keys: "V", label: "Side by side or in one column" },
  { id: "changes-viewed", keys: "X", label: "Tick the file as viewed" },
  { id: "changes-fold", keys: "O", label: "Open or close the file" },
  { id: "changes-whitespace", keys: "W", label: "Ignore or show changes of white space" },
  { id: "changes-filter", keys: "F", label: "Filter the files" },
];

/** Keys of the terminal itself, for the help sheet. */
export const TERMINAL_KEYS: readonly { keys: string; label: string }[] = [
  { keys: "Shift Enter", label: "New line, where the program supports it" },
  { keys: "Mod Shift C", label: "Copy the selection" },
  { keys: "Mod Shift V", label: "Paste" },
  { keys: "Mod Click", label: "Open a link" },
];

/** Keys of the scrubber, for the help sheet. */
export const REPLAY_KEYS: readonly { keys: string; label: string }[] = [
  { keys: "Space", label: "Play or pause" },
  { keys: "← →", label: "5 seconds back or forward" },
  { keys: ", .", label: "One step back or forward" },
  { keys: "Home End", label: "Start or end" },
];

/** Keys of the list of artifacts, for the help sheet. */
export const ARTIFACT_KEYS: readonly { keys: string; label: string }[] = [
  { keys: "J K", label: "Next or previous, once one has the focus" },
  { keys: "Enter", label: "Open or close it" },
  { keys: "Esc", label: "Close what is open" },
];

/** The parts of a keyboard event that are used. */
export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/**
 * Where the keyboard focus is: terminals and text fields keep their plain keys. `changes`: on a page that shows the tab
 * of changes.
 */
export type KeyPlace = "page" | "changes" | "field" | "terminal";

const PLAIN: Readonly<Record<string, ShortcutId>> = {
  "?": "help",
  "/": "list-search",
  "[": "list-toggle",
  n: "new",
  p: "session-pause",
  j: "list-next",
  k: "list-previous",
  x: "list-select",
};
const AFTER_G: Readonly<Record<string, ShortcutId>> = { f: "go-fleet", n: "new", s: "go-settings" };
const IN_CHANGES = Object.fromEntries(CHANGES_KEYS.map(({ id, keys }) => [keys.toLowerCase(), id]));
const WITH_MOD_SHIFT: Readonly<Record<string, ShortcutId>> = {
  p: "palette",
  x: "stop-all",
  f: "terminal-search",
  e: "terminal-composer",
  l: "terminal-leave",
};

/** The shortcut with Ctrl or Cmd that a key press is, if any. These work everywhere, `Mod K` not in terminals. */
export function modShortcut(press: KeyPress, place: KeyPlace): ShortcutId | undefined {
  if (press.ctrlKey === press.metaKey || press.altKey) return undefined;
  const key = press.key.toLowerCase();
  if (press.shiftKey) return WITH_MOD_SHIFT[key];
  return key === "k" && place !== "terminal" ? "palette" : undefined;
}

const PREFIX_MS = 1500;

/** Reads key presses in order: a `g` waits for the letter of a place. */
export class ShortcutReader {
  readonly #now: () => number;
  #prefixAtMs = -Infinity;

  constructor(now: () => number) {
    this.#now = now;
  }

  read(press: KeyPress, place: KeyPlace): ShortcutId | undefined {
    const withMod = modShortcut(press, place);
    if (withMod !== undefined) return withMod;
    const isOnPage = place === "page" || place === "changes";
    if (!isOnPage || press.ctrlKey || press.metaKey || press.altKey) return undefined;
    const afterPrefix = this.#now() - this.#prefixAtMs < PREFIX_MS;
    this.#prefixAtMs = !afterPrefix && press.key === "g" ? this.#now() : -Infinity;
    if (afterPrefix) return AFTER_G[press.key];
    return (place === "changes" ? IN_CHANGES[press.key] : undefined) ?? PLAIN[press.key];
  }
}
