// Asks a provider's model for one answer, with its own client, which is loaded when it is first needed.
import type { Anthropic } from "@anthropic-ai/sdk";
import type { OpenAI } from "openai";
import * as z from "zod";
import type { ModelCall } from "../../usage/model_call.ts";
import { usdToNanoUsd } from "../../usage/nano_usd.ts";
import { MAX_REPORTED_USD, shortText, tokenCount } from "../../usage/usage_fields.ts";
import { createGuardedFetch, describeFailure, type Fetch, SummaryError } from "./summary_fetch.ts";
import type { SummaryProvider } from "./summary_providers.ts";

/** Ample for a title and three sentences, and for a model that thinks a little first. */
export const MAX_ANSWER_TOKENS = 1000;
const TIMEOUT_MS = 30_000;
const MAX_LISTED_MODELS = 500;

export interface ModelMessage {
  role: "user" | "assistant";
  text: string;
}

export interface ModelQuestion {
  model: string;
  system: string;
  messages: readonly ModelMessage[];
  signal: AbortSignal;
}

export interface ModelAnswer {
  text: string;
  /** What it used up; missing when the provider does not say. */
  usage: ModelUsage | undefined;
}

export type ModelUsage =
  & Pick<
    ModelCall,
    "input" | "cacheRead" | "cacheWrite5m" | "cacheWrite1h" | "output" | "reasoning"
  >
  & { requestId?: string; reportedCostNanoUsd?: number };

export interface SummaryModelOptions {
  provider: SummaryProvider;
  /** Removes keys from what others said. */
  hide: (text: string) => string;
  fetch: Fetch;
  timeoutMs?: number;
}

const OPENAI_ANSWER = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish() }) })).min(1),
  usage: z.object({
    prompt_tokens: tokenCount,
    completion_tokens: tokenCount,
    prompt_tokens_details: z.object({ cached_tokens: tokenCount.nullish() }).nullish(),
    completion_tokens_details: z.object({ reasoning_tokens: tokenCount.nullish() }).nullish(),
  }).nullish().catch(undefined),
});
const CLAUDE_ANSWER = z.object({
  content: z.array(z.object({ type: z.string(), text: z.string().optional() })),
  usage: z.object({
    input_tokens: tokenCount,
    output_tokens: tokenCount,
    cache_read_input_tokens: tokenCount.nullish(),
    cache_creation_input_tokens: tokenCount.nullish(),
  }).nullish().catch(undefined),
});
const MODEL_LIST = z.object({ data: z.array(z.object({ id: shortText })) });

/** Failures of all calls are `SummaryError`s with a sentence for the user. */
export class SummaryModel {
  readonly #options: SummaryModelOptions;

  constructor(options: SummaryModelOptions) {
    this.#options = options;
  }

  ask(question: ModelQuestion): Promise<ModelAnswer> {
    return this.#within(
      question,
      (signal) =>
        this.#options.provider.id === "claude"
          ? this.#askClaude({ ...question, signal })
          : this.#askLitellm({ ...question, signal }),
    );
  }

  /** Names of the models that may be asked. */
  listModels(signal: AbortSignal): Promise<string[]> {
    return this.#within({ signal }, async (signal) => {
      const client = this.#options.provider.id === "claude" ? await this.#claude() : await this.#openai();
      const page = await client.models.list(undefined, { signal });
      const names = MODEL_LIST.parse({ data: page.data }).data.map(({ id }) => id);
      return [...new Set(names)].slice(0, MAX_LISTED_MODELS).sort();
    });
  }

  async #askLitellm({ model, system, messages, signal }: ModelQuestion): Promise<ModelAnswer> {
    const client = await this.#openai();
    const sent = messages.map(({ role, text }) => ({ role, content: text }));
    const { data, response, request_id: requestId } = await client.chat.completions.create({
      model,
      max_tokens: MAX_ANSWER_TOKENS,
      messages: [{ role: "system", content: system }, ...sent],
    }, { signal }).withResponse();
    const { choices, usage } = OPENAI_ANSWER.parse(data);
    const cached = usage?.prompt_tokens_details?.cached_tokens ?? 0;
    return {
      text: choices[0]?.message.content ?? "",
      usage: usage
        ? {
          input: Math.max(0, usage.prompt_tokens - cached),
          cacheRead: Math.min(cached, usage.prompt_tokens),
          cacheWrite5m: 0,
          cacheWrite1h: 0,
          output: usage.completion_tokens,
          reasoning: Math.min(
            usage.completion_tokens_details?.reasoning_tokens ?? 0,
            usage.completion_tokens,
          ),
          ...reportedCost(response.headers.get("x-litellm-response-cost")),
          ...idOf(requestId ?? response.headers.get("x-litellm-call-id")),
        }
        : undefined,
    };
  }

  async #askClaude({ model, system, messages, signal }: ModelQuestion): Promise<ModelAnswer> {
    const client = await this.#claude();
    const { data, request_id: requestId } = await client.messages.create({
      model,
      max_tokens: MAX_ANSWER_TOKENS,
      system,
      messages: messages.map(({ role, text }) => ({ role, content: text })),
    }, { signal }).withResponse();
    const { content, usage } = CLAUDE_ANSWER.parse(data);
    return {
      text: content.map(({ type, text }) => type === "text" ? text ?? "" : "").join(""),
      usage: usage
        ? {
          input: usage.input_tokens,
          cacheRead: usage.cache_read_input_tokens ?? 0,
          cacheWrite5m: usage.cache_creation_input_tokens ?? 0,
          cacheWrite1h: 0,
          output: usage.output_tokens,
          reasoning: 0,
          ...idOf(requestId),
        }
        : undefined,
    };
  }

  /** Everything that clients would take from the environment is said here. */
  async #openai(): Promise<OpenAI> {
    const { OpenAI } = await import("openai");
    const { baseUrl, key } = this.#options.provider;
    return new OpenAI({
      baseURL: `${baseUrl}/v1`,
      apiKey: key || "none",
      organization: null,
      project: null,
      webhookSecret: null,
      ...this.#common(),
    });
  }

  async #claude(): Promise<Anthropic> {
    const { Anthropic } = await import("@anthropic-ai/sdk");
    const { baseUrl, key } = this.#options.provider;
    return new Anthropic({ baseURL: baseUrl, apiKey: key, authToken: null, ...this.#common() });
  }

  #common(): { maxRetries: 0; timeout: number; logLevel: "off"; fetch: Fetch } {
    const { provider, fetch } = this.#options;
    return {
      maxRetries: 0,
      timeout: this.#timeoutMs() * 2,
      logLevel: "off",
      fetch: createGuardedFetch({ ...provider, fetch }),
    };
  }

  #timeoutMs(): number {
    return this.#options.timeoutMs ?? TIMEOUT_MS;
  }

  async #within<Result>(
    { signal, model }: { signal: AbortSignal; model?: string },
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { provider, hide } = this.#options;
    const timeoutMs = this.#timeoutMs();
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(), timeoutMs);
    try {
      return await work(AbortSignal.any([signal, ending.signal]));
    } catch (cause) {
      if (signal.aborted) throw new SummaryError("Given up", { cause });
      if (ending.signal.aborted) {
        throw new SummaryError(`${provider.host} did not answer within ${timeoutMs / 1000} s`, { cause });
      }
      if (cause instanceof z.ZodError) {
        throw new SummaryError(`${provider.host} answered with something else than this API does`, { cause });
      }
      throw new SummaryError(describeFailure(cause, { ...provider, ...(model ? { model } : {}), hide }), {
        cause,
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** LiteLLM says what it counted; plain answers only. */
function reportedCost(header: string | null): { reportedCostNanoUsd?: number } {
  const usd = header === null ? NaN : Number(header);
  return usd >= 0 && usd <= MAX_REPORTED_USD ? { reportedCostNanoUsd: usdToNanoUsd(usd) } : {};
}

function idOf(id: string | null | undefined): { requestId?: string } {
  const read = shortText.safeParse(id);
  return read.success ? { requestId: read.data } : {};
}
