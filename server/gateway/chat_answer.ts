// Follows an answer of OpenAI's Chat Completions API.
import { Buffer } from "node:buffer";
import { parseJsonObject } from "../usage/usage_fields.ts";
import {
  type AnswerReader,
  asObject,
  type EndingCounts,
  formatEvent,
  newFacts,
  readNames,
} from "./answer_reader.ts";
import { readOpenAiUsage } from "./openai_usage.ts";

const USAGE_NAMES = { prompt: "prompt_tokens", output: "completion_tokens" };
const DONE = "[DONE]";
const SHOWN_FIELDS = ["content", "refusal", "reasoning_content", "reasoning"];

export class ChatAnswer implements AnswerReader {
  readonly facts = newFacts();
  /** Choices that have begun and not ended. */
  readonly #open = new Set<number>();
  #head: Record<string, unknown> = {};
  /** Asked for usage, every chunk has the field. */
  #wantsUsage = false;

  feed(data: string): number {
    if (data === DONE) {
      this.facts.hasEnded = true;
      return 0;
    }
    const chunk = parseJsonObject(data);
    if (chunk === undefined) return Buffer.byteLength(data);
    const choices = Array.isArray(chunk["choices"]) ? chunk["choices"] : [];
    this.#readHead(chunk);
    this.#wantsUsage ||= "usage" in chunk;
    this.#readUsage(asObject(chunk["usage"]));
    return choices.reduce((sum: number, choice) => sum + this.#readChoice(asObject(choice) ?? {}), 0);
  }

  readWhole(body: unknown): void {
    const completion = asObject(body);
    if (completion === undefined || completion["choices"] === undefined) return;
    this.#readHead(completion);
    this.#readUsage(asObject(completion["usage"]));
    this.facts.hasEnded = true;
  }

  ending({ promptTokens, outputTokens }: EndingCounts): string | undefined {
    if (!this.facts.hasStarted) return undefined;
    const choices = [...this.#open].map((index) => ({ index, delta: {}, finish_reason: "length" }));
    const last = choices.map((choice) => formatEvent(undefined, { ...this.#head, choices: [choice] }));
    const total = promptTokens + outputTokens;
    const usage = { prompt_tokens: promptTokens, completion_tokens: outputTokens, total_tokens: total };
    if (this.#wantsUsage) last.push(formatEvent(undefined, { ...this.#head, choices: [], usage }));
    return `${last.join("")}data: ${DONE}\n\n`;
  }

  #readHead({ id, object, created, model, service_tier: serviceTier }: Record<string, unknown>): void {
    if (!this.facts.hasStarted) this.#head = { id, object, created, model };
    this.facts.hasStarted = true;
    readNames(this.facts, { model, messageId: id, serviceTier });
  }

  #readUsage(usage: Record<string, unknown> | undefined): void {
    if (usage !== undefined) readOpenAiUsage(this.facts, { usage, names: USAGE_NAMES });
  }

  #readChoice(choice: Record<string, unknown>): number {
    const index = Number(choice["index"]) || 0;
    if ((choice["finish_reason"] ?? null) !== null) this.#open.delete(index);
    else if (!this.#open.has(index)) {
      this.#open.add(index);
      this.facts.parts += 1;
    }
    const delta = asObject(choice["delta"]) ?? {};
    const shown = SHOWN_FIELDS.map((field) => delta[field]).filter((value) => typeof value === "string");
    const calls = delta["tool_calls"] ?? delta["function_call"];
    const text = shown.join("") + (calls === undefined ? "" : JSON.stringify(calls));
    return Buffer.byteLength(text);
  }
}
