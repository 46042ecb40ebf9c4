// What the fake provider charges: the same script at the same place of a conversation always costs the same.
import type { Ask } from "./ask.ts";
import type { CacheTokens, Script } from "./script.ts";

/** Tokens by class; no token is in two of them. */
export interface Usage {
  input: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  /** With `reasoning`. */
  output: number;
  reasoning: number;
}

export const NO_USAGE: Readonly<Usage> = Object.freeze({
  input: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: 0,
  reasoning: 0,
});

/** A call of a tool is counted as this many tokens. */
export const TOOL_CALL_TOKENS = 22;
const PLAIN_ANSWER_TOKENS = 24;
const TITLE_USAGE: Usage = { ...NO_USAGE, input: 871, output: 12 };
const FIRST_PROMPT_TOKENS = 6000;
const GROWTH_PER_ANSWER_TOKENS = 100;

/** The prompt's side: the first answer pays for all of it, later ones find it cached and add a little. */
export function promptUsage(ask: Ask, script: Script): Usage {
  if (ask.lane === "title") return { ...TITLE_USAGE, output: 0 };
  const input = script.inputTokens ?? 12 + ask.step;
  const { read, write5m, write1h } = script.cache ?? usualCache(ask);
  if (ask.api === "messages") {
    return { ...NO_USAGE, input, cacheRead: read, cacheWrite5m: write5m, cacheWrite1h: write1h };
  }
  // These APIs have one class of cache writes, and none unless a model charges for them.
  const writes = write5m + write1h;
  return script.cache === undefined
    ? { ...NO_USAGE, input: input + writes, cacheRead: read }
    : { ...NO_USAGE, input, cacheRead: read, cacheWrite5m: writes };
}

function usualCache({ answersBefore }: Ask): CacheTokens {
  return answersBefore === 0 ? { read: 0, write5m: FIRST_PROMPT_TOKENS, write1h: 0 } : {
    read: FIRST_PROMPT_TOKENS + GROWTH_PER_ANSWER_TOKENS * (answersBefore - 1),
    write5m: GROWTH_PER_ANSWER_TOKENS,
    write1h: 0,
  };
}

/** Output that the script wants for one answer, before any limit of the client. */
export function wantedOutputTokens(ask: Ask, script: Script, toolCalls: number): number {
  if (ask.lane === "title") return TITLE_USAGE.output;
  const least = script.thinkingTokens + toolCalls * TOOL_CALL_TOKENS;
  const plain = least + (toolCalls > 0 ? 0 : PLAIN_ANSWER_TOKENS);
  return Math.max(least, script.outputTokens ?? plain);
}

/** The sum of two usages, class by class. */
export function addUsage(left: Usage, right: Usage): Usage {
  return {
    input: left.input + right.input,
    cacheRead: left.cacheRead + right.cacheRead,
    cacheWrite5m: left.cacheWrite5m + right.cacheWrite5m,
    cacheWrite1h: left.cacheWrite1h + right.cacheWrite1h,
    output: left.output + right.output,
    reasoning: left.reasoning + right.reasoning,
  };
}
