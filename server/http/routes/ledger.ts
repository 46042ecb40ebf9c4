// A session's model calls: page by page, and all of them as a file.
import { Hono } from "hono";
import * as z from "zod";
import type { LedgerQuery, LedgerRow } from "../../protocol.ts";
import type { LedgerTable } from "../../store/ledger.ts";
import type { AppDependencies, AppEnv } from "../app_dependencies.ts";
import { checkShape } from "../json_body.ts";
import { sessionId } from "./session_id.ts";

const MAX_PAGE = 500;
const NANO_PER_USD = 1e9;
/** Rows of a download that are put together before they are sent. */
const ROWS_PER_PIECE = 500;

const QUERY = z.object({
  sort: z.enum(["time", "cost", "tokens", "model"]).default("time"),
  order: z.enum(["asc", "desc"]).default("desc"),
  q: z.string().max(200).exactOptional(),
});
const CURSOR = z.tuple([z.union([z.string(), z.number()]), z.int()]);
const PAGE = QUERY.extend({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(100),
  cursor: z.string().max(500).transform(parseCursor).exactOptional(),
});

/** Column by column: its name and what a row has in it. */
const CSV_COLUMNS: [string, (row: LedgerRow) => string | number | undefined][] = [
  ["time", (row) => new Date(row.atMs).toISOString()],
  ["model", (row) => row.model],
  ["input_tokens", (row) => row.tokens.input],
  ["cache_read_tokens", (row) => row.tokens.cacheRead],
  ["cache_write_5m_tokens", (row) => row.tokens.cacheWrite5m],
  ["cache_write_1h_tokens", (row) => row.tokens.cacheWrite1h],
  ["output_tokens", (row) => row.tokens.output],
  ["reasoning_tokens", (row) => row.tokens.reasoning],
  ["cost_usd", (row) => (row.costNanoUsd / NANO_PER_USD).toFixed(9)],
  ["price", (row) => row.priceId],
  ["price_estimated", (row) => String(row.priceEstimated)],
  [
    "reported_cost_usd",
    (row) =>
      row.reportedCostNanoUsd === undefined ? undefined : (row.reportedCostNanoUsd / NANO_PER_USD).toFixed(9),
  ],
  ["source", (row) => row.source],
  ["seen_by", (row) => row.sources.join(" ")],
  ["confidence", (row) => row.confidence],
  ["incomplete", (row) => row.incomplete],
  ["subagent", (row) => row.subagent],
  ["purpose", (row) => row.purpose],
  ["request_id", (row) => row.requestId],
  ["request_bytes", (row) => row.requestBytes],
  ["request_sha256", (row) => row.requestSha256],
];

export function ledgerRoutes({ sessions, store: { ledger } }: AppDependencies): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/:id/ledger", (c) => {
      const { id } = sessions.get(sessionId(c));
      return c.json(ledger.list(id, checkShape(c.req.query(), PAGE)));
    })
    .get("/:id/ledger.csv", (c) => {
      const { id } = sessions.get(sessionId(c));
      const lines = csvLines(ledger.iterate(id, checkShape(c.req.query(), QUERY)));
      return c.body(streamText(lines), 200, {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": `attachment; filename="ledger-${id}.csv"`,
      });
    })
    .get("/:id/ledger.json", (c) => {
      const { id } = sessions.get(sessionId(c));
      return c.body(streamText(jsonLines(ledger, { id, query: checkShape(c.req.query(), QUERY) })), 200, {
        "content-type": "application/json",
        "content-disposition": `attachment; filename="ledger-${id}.json"`,
      });
    });
}

function* csvLines(rows: Iterable<LedgerRow>): Iterable<string> {
  yield CSV_COLUMNS.map(([name]) => name).join(",") + "\r\n";
  for (const row of rows) yield CSV_COLUMNS.map(([, read]) => csvField(read(row))).join(",") + "\r\n";
}

/** Quoted where needed; a leading sign that a spreadsheet takes for a formula is disarmed. */
function csvField(value: string | number | undefined): string {
  if (value === undefined) return "";
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function* jsonLines(
  ledger: LedgerTable,
  { id, query }: { id: string; query: LedgerQuery },
): Iterable<string> {
  let separator = "[\n";
  for (const row of ledger.iterate(id, query)) {
    yield separator + JSON.stringify(row);
    separator = ",\n";
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
}

/** The rows are read at once: an open cursor would hold up whoever writes. */
function streamText(lines: Iterable<string>): ReadableStream<Uint8Array> {
  const pieces: string[] = [];
  let count = 0;
  for (const line of lines) {
    const at = Math.floor(count++ / ROWS_PER_PIECE);
    pieces[at] = (pieces[at] ?? "") + line;
  }
  return ReadableStream.from(pieces).pipeThrough(new TextEncoderStream());
}

function parseCursor(text: string, context: z.RefinementCtx): [string | number, number] {
  try {
    return CURSOR.parse(JSON.parse(text));
  } catch {
    context.addIssue("is not a cursor of a list"); // whatever it was instead, that is all there is to say
    return z.NEVER;
  }
}
