// Answers of our own, in the words and shapes that each provider's clients understand.
import { NANO_PER_USD } from "../usage/nano_usd.ts";
import type { Obstacle } from "./holds.ts";
import type { Dialect } from "./model_api.ts";

/** How our own answers are meant. */
export type RefusalKind =
  /** The client is to end its turn: asking again changes nothing. */
  | "budget"
  /** The client is to ask again: it goes on waiting where it was. */
  | "held"
  | "invalid"
  | "too_large"
  | "upstream";

/** 402 ends Claude Code cleanly, 400 ends Codex; most others are retried. */
const STATUS: Record<RefusalKind, Record<Dialect, number>> = {
  budget: { anthropic: 402, openai: 400 },
  held: { anthropic: 503, openai: 503 },
  invalid: { anthropic: 400, openai: 400 },
  too_large: { anthropic: 413, openai: 413 },
  upstream: { anthropic: 502, openai: 502 },
};
const ANTHROPIC_TYPE: Record<RefusalKind, string> = {
  budget: "billing_error",
  held: "overloaded_error",
  invalid: "invalid_request_error",
  too_large: "request_too_large",
  upstream: "api_error",
};
const RETRY_AFTER_SECONDS = 1;

/** A response in the provider's error shape. */
export function refuse(dialect: Dialect, kind: RefusalKind, message: string): Response {
  const body = dialect === "anthropic" ? { type: "error", error: { type: ANTHROPIC_TYPE[kind], message } } : {
    error: {
      message,
      type: kind === "held" || kind === "upstream" ? "server_error" : "invalid_request_error",
      code: kind === "budget" ? "budget_exceeded" : null,
      param: null,
    },
  };
  const isFinal = kind !== "held" && kind !== "upstream";
  return Response.json(body, {
    status: STATUS[kind][dialect],
    headers: {
      "x-should-retry": String(!isFinal),
      ...(isFinal ? {} : { "retry-after": String(RETRY_AFTER_SECONDS) }),
    },
  });
}

/** What stands in the way, and where to change it. */
export function describeObstacle(obstacle: Obstacle, raiseUrl: string): string {
  if (obstacle.kind === "unpriced") {
    return `Agents Fleet does not know what the model "${obstacle.model}" costs and cannot keep a limit in dollars ` +
      `for it: state its price at ${raiseUrl}`;
  }
  const { ruling, budgetName } = obstacle;
  const show = ruling.unit === "usd" ? formatUsd : formatTokens;
  return `Agents Fleet: the budget of ${budgetName} does not cover this call. ${show(ruling.spent)} of ` +
    `${show(ruling.limit)} is spent, the call needs ${show(ruling.needed)}. Raise it at ${raiseUrl}`;
}

/** Dollars with as many digits as small sums need. */
function formatUsd(nanoUsd: number): string {
  const usd = nanoUsd / NANO_PER_USD;
  return `$${usd.toFixed(Math.abs(usd) >= 1 || nanoUsd === 0 ? 2 : 4)}`;
}

function formatTokens(tokens: number): string {
  return `${tokens.toLocaleString("en-US")} tokens`;
}
