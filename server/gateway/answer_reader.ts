// What any provider's answer tells about itself, and what its reader must offer.
import * as z from "zod";
import type { ModelPass, TokenCounts } from "../usage/model_call.ts";

/** The prompt as the provider counted it. */
export type PromptCounts = Omit<TokenCounts, "output">;

/** Everything known of an answer so far. */
export interface AnswerFacts {
  model?: string;
  /** The provider's id of the answer. */
  messageId?: string;
  prompt?: PromptCounts;
  /** The final count, reasoning included; missing until the provider has stated one that can be believed. */
  output?: number;
  /** Of a finished answer that took several; with what its counts leave out. */
  passes?: ModelPass[];
  reasoning: number;
  serverToolUses?: number;
  webSearches?: number;
  serviceTier?: string;
  speed?: string;
  inferenceGeo?: string;
  /** The first event has come: the model is at work. */
  hasStarted: boolean;
  /** Nothing more is to come. */
  hasEnded: boolean;
  /** The model is in a part of the answer that is hidden or only summed up. */
  isThinking: boolean;
  /** Parts begun so far; each has a few tokens around it that are never shown. */
  parts: number;
}

/** What a client is told that an answer took which we ended. */
export interface EndingCounts {
  promptTokens: number;
  outputTokens: number;
}

/** Follows one answer. Never throws for what a provider sends. */
export interface AnswerReader {
  readonly facts: AnswerFacts;
  /** Takes the data of one event; answers how many bytes of output it carries. */
  feed(data: string): number;
  /** Takes an answer that came in one piece. */
  readWhole(body: unknown): void;
  /** Events that end the answer here as its limit of tokens would have; undefined before it has started. */
  ending(counts: EndingCounts): string | undefined;
}

/** No context window comes near it; above it a count of the prompt is not believed. */
const MAX_PROMPT_TOKENS = 20_000_000;
/** The same for one answer. */
const MAX_OUTPUT_TOKENS = 5_000_000;

export const promptCount = z.number().int().min(0).max(MAX_PROMPT_TOKENS);
export const outputCount = z.number().int().min(0).max(MAX_OUTPUT_TOKENS);
export const useCount = z.number().int().min(0).max(1000);
const shortName = z.string().min(1).max(200);

/** Of an answer that has not begun. */
export function newFacts(): AnswerFacts {
  return { reasoning: 0, hasStarted: false, hasEnded: false, isThinking: false, parts: 0 };
}

/** The value if it is what the schema wants. */
export function believed<Value>(schema: z.ZodType<Value>, value: unknown): Value | undefined {
  // Most fields of most events are not there, and a schema is slow to say so.
  if (value === undefined) return undefined;
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

const STATED_NAMES = ["model", "messageId", "serviceTier", "speed", "inferenceGeo"] as const;
type StatedName = typeof STATED_NAMES[number];

/** Takes over what can be believed of the names that an answer gives itself. */
export function readNames(
  facts: AnswerFacts,
  stated: { [Name in StatedName]?: unknown },
): void {
  for (const field of STATED_NAMES) {
    const name = believed(shortName, stated[field]);
    if (name !== undefined) facts[field] = name;
  }
}

/** Any JSON object; undefined for everything else. */
export function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : undefined;
}

/** One event as it is sent. */
export function formatEvent(name: string | undefined, body: unknown): string {
  return `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(body)}\n\n`;
}
