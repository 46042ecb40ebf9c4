// Bounds of a terminal's size.

const MIN_COLS = 2;
const MAX_COLS = 1000;
const MIN_ROWS = 1;
const MAX_ROWS = 500;

/** The nearest size a terminal may have; anything that is no number becomes the smallest. */
export function clampSize({ cols, rows }: { cols: number; rows: number }): { cols: number; rows: number } {
  return { cols: clamp(cols, MIN_COLS, MAX_COLS), rows: clamp(rows, MIN_ROWS, MAX_ROWS) };
}

function clamp(value: number, low: number, high: number): number {
  return Number.isFinite(value) ? Math.min(high, Math.max(low, Math.floor(value))) : low;
}
