// Asks the provider how long a prompt is, which costs nothing, before a call is refused for what it might be.
import { asObject, believed, promptCount } from "./answer_reader.ts";
import type { ModelApi } from "./model_api.ts";
import { forward, type ForwardOptions } from "./upstream.ts";

/** Where the free counters are, and which fields of a request they take. */
const COUNTERS: Partial<Record<ModelApi, { suffix: string; fields: readonly string[] }>> = {
  messages: {
    suffix: "/count_tokens",
    fields: [
      "model",
      "messages",
      "system",
      "tools",
      "tool_choice",
      "thinking",
      "mcp_servers",
      "output_config",
      "context_management",
    ],
  },
  responses: {
    suffix: "/input_tokens",
    fields: [
      "model",
      "input",
      "instructions",
      "tools",
      "tool_choice",
      "text",
      "reasoning",
      "parallel_tool_calls",
    ],
  },
};
const TIMEOUT_MS = 10_000;
/** Providers call their count an estimate. */
const SLACK_SHARE = 0.01;
const SLACK_TOKENS = 32;

export interface CountOptions extends Pick<ForwardOptions, "headers" | "keyHeader" | "signal"> {
  api: ModelApi;
  /** Where the call itself would go. */
  target: URL;
  body: Record<string, unknown>;
}

/** The prompt's tokens with a little slack; undefined where the provider does not say. */
export async function countPrompt(options: CountOptions): Promise<number | undefined> {
  const counter = COUNTERS[options.api];
  if (counter === undefined) return undefined;
  const target = new URL(options.target);
  target.pathname += counter.suffix;
  const fields = Object.entries(options.body).filter(([name]) => counter.fields.includes(name));
  const headers = new Headers(options.headers);
  headers.delete("content-encoding");
  try {
    const response = await forward(target, {
      method: "POST",
      headers,
      keyHeader: options.keyHeader,
      body: new TextEncoder().encode(JSON.stringify(Object.fromEntries(fields))),
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const answer: unknown = await response.json();
    const tokens = response.ok ? believed(promptCount, asObject(answer)?.["input_tokens"]) : undefined;
    return tokens === undefined ? undefined : Math.ceil(tokens * (1 + SLACK_SHARE)) + SLACK_TOKENS;
  } catch {
    return undefined; // no such counter there, or it cannot be reached: the bound by bytes stands
  }
}
