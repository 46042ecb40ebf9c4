// How numbers, sizes and times are written; pure, in the user's locale and time zone where it matters.

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Bytes in decimal units: `0 B`, `812 B`, `12.3 kB`, `4.56 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = "B";
  for (const next of units) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}

/** A whole number with separators, for exact values on hover. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** A duration in its two largest units: `0 s`, `42 s`, `3 m 12 s`, `2 h 5 m`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND_MS));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} m`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long ago, short: `now`, `42 s`, `3 m`, `2 h`, `5 d`, then the date. */
export function formatAge(atMs: number, nowMs: number): string {
  const age = nowMs - atMs;
  if (age < 5 * SECOND_MS) return "now";
  if (age < MINUTE_MS) return `${Math.floor(age / SECOND_MS)} s`;
  if (age < HOUR_MS) return `${Math.floor(age / MINUTE_MS)} m`;
  if (age < DAY_MS) return `${Math.floor(age / HOUR_MS)} h`;
  if (age < 7 * DAY_MS) return `${Math.floor(age / DAY_MS)} d`;
  return new Date(atMs).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

/** The exact local time, for hover and facts. */
export function formatExact(atMs: number): string {
  return new Date(atMs).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/** The local time to the second, with the day when it is not today's: `14:03:22`, `3 Jun 14:03:22`. */
export function formatTimeOfDay(atMs: number, nowMs = Date.now()): string {
  const time = new Date(atMs).toLocaleTimeString(undefined, { hour12: false });
  if (startOfDay(atMs) === startOfDay(nowMs)) return time;
  const day = new Date(atMs).toLocaleDateString(undefined, { day: "numeric", month: "short" });
  return `${day} ${time}`;
}

/** Position in a recording: `0:07`, `12:40`, `1:02:03`. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND_MS));
  const pad = (value: number): string => value.toString().padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${pad(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
}

/** Header of the day a time is in: `Today`, `Yesterday`, then the date. */
export function formatDay(atMs: number, nowMs: number): string {
  const days = Math.round((startOfDay(nowMs) - startOfDay(atMs)) / DAY_MS);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  const year = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear()
    ? {}
    : { year: "numeric" as const };
  return new Date(atMs).toLocaleDateString(undefined, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...year,
  });
}

/** `1 session`, `3 sessions`; nouns with another plural bring it. */
export function formatPlural(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** A path with the home directory written as `~`. */
export function formatPath(path: string, home: string | undefined): string {
  if (!home) return path;
  if (path === home) return "~";
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

function startOfDay(atMs: number): number {
  return new Date(atMs).setHours(0, 0, 0, 0);
}
