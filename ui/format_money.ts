// How money and tokens are written, and how typed limits are read; pure. Money comes as nano-dollars.

import { withoutThousandsCommas } from "./typed_number.ts";

export const NANO_PER_USD = 1_000_000_000;

/** `$1,234.50` from a dollar on, `$0.0042` below; what would round to nothing says so. Estimates carry `~`. */
export function formatUsd(nanoUsd: number, options: { estimated?: boolean } = {}): string {
  const sign = nanoUsd < 0 ? "-" : "";
  const mark = options.estimated === true && nanoUsd !== 0 ? "~" : "";
  return mark + sign + formatAmount(Math.abs(nanoUsd) / NANO_PER_USD);
}

/** Every decimal that is there, for hover: `$0.004211`. */
export function formatExactUsd(nanoUsd: number): string {
  const [whole = "0", rest = ""] = (Math.abs(nanoUsd) / NANO_PER_USD).toFixed(9).split(".");
  const decimals = rest.replace(/0+$/, "").padEnd(2, "0");
  return `${nanoUsd < 0 ? "-" : ""}$${Number(whole).toLocaleString("en-US")}.${decimals}`;
}

/** Where there is room for a few letters only: `$0`, `$0.42`, `$3.10`, `$125`, `$1.2K`. */
export function formatUsdShort(nanoUsd: number): string {
  const usd = nanoUsd / NANO_PER_USD;
  if (usd > 0 && usd < 0.005) return "<1¢";
  if (usd === 0 || usd >= 99.995) return usd < 999.5 ? `$${usd.toFixed(0)}` : `$${(usd / 1000).toFixed(1)}K`;
  return `$${usd.toFixed(2)}`;
}

/** A limit: at least two decimals, more only when they say something. */
export function formatUsdLimit(nanoUsd: number): string {
  const usd = nanoUsd / NANO_PER_USD;
  return `$${usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 4 })}`;
}

/** Dollars per million tokens: `$3.00`, `$0.075`. */
export function formatPrice(usdPer1M: number): string {
  return `$${usdPer1M.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 6 })}`;
}

/** Three digits: `812`, `12.3 K`, `4.56 M`, `1.23 B`. */
export function formatTokens(tokens: number): string {
  if (tokens < 1000) return String(Math.round(tokens));
  let value = tokens / 1000;
  let unit = "K";
  for (const next of ["M", "B", "T"]) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${threeDigits(value)} ${unit}`;
}

/** `4.3 %` below ten, whole percents from there on. */
export function formatPercent(fraction: number): string {
  const percent = fraction * 100;
  return `${percent > 0 && percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** A typed limit: nothing means none (null). `problem` says what is wrong with it. */
export type ParsedLimit = { value: number | null; problem?: undefined } | {
  value?: undefined;
  problem: string;
};

const MAX_LIMIT_USD = 1_000_000;
const MAX_LIMIT_TOKENS = 1_000_000_000_000;

/** Dollars as people type them: `5`, `$5.50`, `1,200`. */
export function parseUsdLimit(text: string): ParsedLimit {
  const plain = withoutThousandsCommas(text.trim().replace(/^\$\s*/, ""));
  if (plain === "") return { value: null };
  if (!/^(\d+(\.\d{0,9})?|\.\d{1,9})$/.test(plain)) {
    return { problem: "Give dollars as a number, for example 5 or 2.50" };
  }
  const usd = Number(plain);
  if (usd <= 0) return { problem: "A limit is above $0; leave it empty for none" };
  return usd > MAX_LIMIT_USD ? { problem: "At most $1,000,000" } : { value: usd };
}

const MULTIPLES: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, b: 1e9 };

/** Tokens as people type them: `100000`, `100,000`, `100k`, `1.5 M`. */
export function parseTokenLimit(text: string): ParsedLimit {
  const plain = withoutThousandsCommas(text.trim().replaceAll(/[\s_]/g, "").toLowerCase());
  if (plain === "") return { value: null };
  const found = /^(\d+(?:\.\d+)?)([kmb]?)$/.exec(plain);
  if (found === null) return { problem: "Give tokens as a number, for example 100,000 or 1.5M" };
  const tokens = Math.round(Number(found[1]) * (MULTIPLES[found[2] ?? ""] ?? 1));
  if (tokens < 1) return { problem: "A limit is above 0 tokens; leave it empty for none" };
  return tokens > MAX_LIMIT_TOKENS ? { problem: "At most 1,000 billion tokens" } : { value: tokens };
}

/** A limit as the text of its field. */
export function limitText(unit: "usd" | "tokens", limit: number | null): string {
  if (limit === null) return "";
  if (unit === "tokens") return limit.toLocaleString("en-US");
  return limit.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 9 });
}

function formatAmount(usd: number): string {
  if (usd === 0) return "$0.00";
  if (usd < 0.00005) return "<$0.0001";
  const decimals = usd < 0.99995 ? 4 : 2;
  return `$${
    usd.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  }`;
}

function threeDigits(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}
