// The local day, week and month around a moment, right on days that are 23 or 25 hours long.

export type Period = "day" | "week" | "month";

/** ISO numbering: 1 is Monday, 7 is Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

const SUNDAY: Weekday = 7;

/** From `startMs` until just before `endMs`, Unix milliseconds. */
export interface PeriodWindow {
  startMs: number;
  endMs: number;
}

/** Wider than any offset from UTC, so that a local day's start lies within it around that midnight in UTC. */
const SEARCH_MS = 27 * 3_600_000;

/**
 * The period of `nowMs` by the clock of an IANA time zone; weeks start on Sunday unless told. Throws RangeError for
 * a time zone that does not exist.
 */
export function periodWindow(
  period: Period,
  options: { nowMs: number; timeZone: string; weekStartsOn?: Weekday },
): PeriodWindow {
  const clock = createLocalClock(options.timeZone);
  const today = clock(options.nowMs);
  const first = firstDay(today, { period, weekStartsOn: options.weekStartsOn ?? SUNDAY });
  return { startMs: startOf(first, clock), endMs: startOf(nextFirstDay(first, period), clock) };
}

/** A date without a zone, as the Unix milliseconds of its midnight in UTC: dates compare and add as numbers. */
type PlainDate = number;
const DAY_MS = 86_400_000;

/** Tells the date on the wall at a moment. */
type LocalClock = (atMs: number) => PlainDate;

// Not Temporal: the runtimes that the executable is checked with do not all have it.
function createLocalClock(timeZone: string): LocalClock {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    year: "numeric",
    month: "numeric",
    day: "numeric",
  });
  return (atMs) => {
    const [month = 1, day = 1, year = 1970] = format.format(atMs).split("/").map(Number);
    return Date.UTC(year, month - 1, day);
  };
}

function firstDay(today: PlainDate, options: { period: Period; weekStartsOn: Weekday }): PlainDate {
  if (options.period === "day") return today;
  const date = new Date(today);
  if (options.period === "month") return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  return today - ((date.getUTCDay() - options.weekStartsOn + 7) % 7) * DAY_MS;
}

function nextFirstDay(first: PlainDate, period: Period): PlainDate {
  const date = new Date(first);
  return period === "month"
    ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
    : first + (period === "week" ? 7 : 1) * DAY_MS;
}

/** The first moment at which the wall shows the date; also where midnight is skipped or comes twice. */
function startOf(date: PlainDate, clock: LocalClock): number {
  let before = date - SEARCH_MS;
  let from = date + SEARCH_MS;
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (clock(middle) < date) before = middle;
    else from = middle;
  }
  return from;
}
