// The token counts of OpenAI's two APIs: the same figures under different names.
import {
  type AnswerFacts,
  asObject,
  believed,
  outputCount,
  promptCount,
  type PromptCounts,
} from "./answer_reader.ts";

/** What an API calls its counts; their details are objects beside them. */
export interface UsageNames {
  prompt: string;
  output: string;
}

/** Takes over what can be believed of a `usage` object. */
export function readOpenAiUsage(
  facts: AnswerFacts,
  { usage, names }: { usage: Record<string, unknown>; names: UsageNames },
): void {
  const all = believed(promptCount, usage[names.prompt]);
  if (all !== undefined) facts.prompt = splitPrompt(all, asObject(usage[`${names.prompt}_details`]) ?? {});
  const output = believed(outputCount, usage[names.output]);
  if (output !== undefined) facts.output = output;
  const reasoning = asObject(usage[`${names.output}_details`])?.["reasoning_tokens"];
  facts.reasoning = Math.min(believed(outputCount, reasoning) ?? 0, output ?? 0);
}

/** The count has everything in it; what was read from or written to the cache is told beside it. */
function splitPrompt(all: number, details: Record<string, unknown>): PromptCounts {
  const cacheRead = Math.min(all, believed(promptCount, details["cached_tokens"]) ?? 0);
  const cacheWrite5m = Math.min(all - cacheRead, believed(promptCount, details["cache_write_tokens"]) ?? 0);
  return { input: all - cacheRead - cacheWrite5m, cacheRead, cacheWrite5m, cacheWrite1h: 0 };
}
