// Makes one summary: what is sent, asking once or twice, and what each answer cost.
import { AppError } from "../../errors.ts";
import type { SummaryMoney } from "../../money/summary_money.ts";
import type { SummaryProgress, SummaryView } from "../../protocol.ts";
import type { SessionRow } from "../../store/sessions.ts";
import { readAnswer, type SummaryText } from "./summary_answer.ts";
import { type InputPart, saysSomething } from "./summary_input.ts";
import { SummaryError } from "./summary_fetch.ts";
import {
  MAX_ANSWER_TOKENS,
  type ModelAnswer,
  type ModelMessage,
  type SummaryModel,
} from "./summary_model.ts";
import { composePrompt, promptText, type SummaryPrompt } from "./summary_prompt.ts";
import type { SummaryProvider } from "./summary_providers.ts";

/** What will be sent, to whom. */
export interface Prepared extends SummaryPrompt {
  provider: SummaryProvider;
  model: string;
  /** Of system and user text together. */
  bytes: number;
}

/** What was used up so far, also by answers that were of no use. */
export type Used = Pick<SummaryView, "sentBytes" | "calls" | "tokens" | "costNanoUsd" | "priceEstimated">;

export interface MakingOptions {
  model: Pick<SummaryModel, "ask">;
  money: Pick<SummaryMoney, "maxCostNanoUsd" | "refusal" | "record">;
  /** Names this summary's rows in the ledger. */
  id: string;
  session: SessionRow;
  signal: AbortSignal;
  now: () => number;
  onAttempt: (attempt: SummaryProgress["attempt"]) => void;
}

/** Where four bytes are a token, as a provider that does not count must be taken. */
const BYTES_PER_TOKEN = 4;
const MAX_QUOTED_CHARACTERS = 2000;

/** Throws `conflict` when there is nothing to sum up. */
export function prepare(
  parts: readonly InputPart[],
  to: { provider: SummaryProvider; model: string; known: readonly string[] },
): Prepared {
  if (!saysSomething(parts)) {
    throw new AppError("conflict", "There is nothing to sum up yet: nothing was typed, changed or shown");
  }
  const { known, ...target } = to;
  const prompt = composePrompt(parts, known);
  return { ...prompt, ...target, bytes: byteLength(promptText(prompt)) };
}

/** Why the fleet's budgets do not allow the most that a call can take. */
export function refusalOf(
  { model, bytes }: { model: string; bytes: number },
  money: MakingOptions["money"],
): string | undefined {
  const nanoUsd = money.maxCostNanoUsd({ model, bytes, maxTokens: MAX_ANSWER_TOKENS });
  return money.refusal({ nanoUsd, tokens: bytes + MAX_ANSWER_TOKENS });
}

export class Making {
  readonly used: Used = {
    sentBytes: 0,
    calls: 0,
    tokens: { input: 0, output: 0 },
    costNanoUsd: 0,
    priceEstimated: false,
  };
  readonly #options: MakingOptions;

  constructor(options: MakingOptions) {
    this.#options = options;
  }

  /** Rejects with `SummaryError` or `AppError`; what was used up by then is in `used`. */
  async make(prepared: Prepared): Promise<SummaryText> {
    const first = await this.#ask(prepared, [{ role: "user", text: prepared.user }], 1);
    const read = readAnswer(first, { isLast: false });
    if (!("problem" in read)) return read;
    const second = await this.#ask(prepared, askAgain(prepared.user, { first, problem: read.problem }), 2);
    const again = readAnswer(second, { isLast: true });
    if (!("problem" in again)) return again;
    throw new SummaryError(
      `${prepared.model} did not answer as it was asked to, twice: first ${read.problem}, then ${again.problem}`,
    );
  }

  async #ask(
    { model, system }: Prepared,
    messages: readonly ModelMessage[],
    attempt: SummaryProgress["attempt"],
  ): Promise<string> {
    const { money, signal, onAttempt } = this.#options;
    const bytes = byteLength(system) + messages.reduce((sum, { text }) => sum + byteLength(text), 0);
    const refusal = refusalOf({ model, bytes }, money);
    if (refusal !== undefined) throw new SummaryError(refusal);
    onAttempt(attempt);
    this.used.sentBytes += bytes;
    const answer = await this.#options.model.ask({ model, system, messages, signal });
    this.#record(answer, { model, bytes, attempt });
    return answer.text;
  }

  #record(
    { usage, text }: ModelAnswer,
    { model, bytes, attempt }: { model: string; bytes: number; attempt: number },
  ): void {
    const { money, session, id, now } = this.#options;
    const counts = usage ?? {
      input: Math.ceil(bytes / BYTES_PER_TOKEN),
      output: Math.ceil(byteLength(text) / BYTES_PER_TOKEN),
      cacheRead: 0,
      cacheWrite5m: 0,
      cacheWrite1h: 0,
      reasoning: 0,
    };
    const cost = money.record(session, {
      key: `summary:${id}:${attempt}`,
      call: {
        ...counts,
        source: "gateway",
        model,
        atMs: now(),
        purpose: "summary",
        confidence: usage ? "exact" : "estimated",
      },
    });
    this.used.calls += 1;
    this.used.tokens.input += counts.input + counts.cacheRead + counts.cacheWrite5m + counts.cacheWrite1h;
    this.used.tokens.output += counts.output;
    this.used.costNanoUsd += cost.nanoUsd;
    this.used.priceEstimated ||= cost.estimated;
  }
}

/** An empty answer cannot be quoted. */
function askAgain(user: string, { first, problem }: { first: string; problem: string }): ModelMessage[] {
  const wish =
    `That answer cannot be used: ${problem}. Answer with JSON alone: {"title": "...", "summary": "..."}`;
  if (first.trim() === "") return [{ role: "user", text: `${user}\n${wish}` }];
  return [
    { role: "user", text: user },
    { role: "assistant", text: first.slice(0, MAX_QUOTED_CHARACTERS).toWellFormed() },
    { role: "user", text: wish },
  ];
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
