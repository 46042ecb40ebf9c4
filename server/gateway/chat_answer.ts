// Follows an answer of OpenAI's Chat Completions API.
import { Buffer } from "node:buffer";
import { parseJsonObject } from "../usage/usage_fields.ts";
import {
  type AnswerReader,
  asObject,
  believed,
  type EndingCounts,
  formatEvent,
  newFacts,
  outputCount,
  promptCount,
  shortName,
} from "./answer_reader.ts";
import { splitPrompt } from "./responses_answer.ts";

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

  #readHead({ id, object, created, model, service_tier: tier }: Record<string, unknown>): void {
    if (!this.facts.hasStarted) this.#head = { id, object, created, model };
    this.facts.hasStarted = true;
    const name = believed(shortName, model);
    const messageId = believed(shortName, id);
    const serviceTier = believed(shortName, tier);
    if (name !== undefined) this.facts.model = name;
    if (messageId !== undefined) this.facts.messageId = messageId;
    if (serviceTier !== undefined) this.facts.serviceTier = serviceTier;
  }

  #readUsage(usage: Record<string, unknown> | undefined): void {
    if (usage === undefined) return;
    const all = believed(promptCount, usage["prompt_tokens"]);
    if (all !== undefined) {
      this.facts.prompt = splitPrompt(all, asObject(usage["prompt_tokens_details"]) ?? {});
    }
    const output = believed(outputCount, usage["completion_tokens"]);
    if (output !== undefined) this.facts.output = output;
    const reasoning = asObject(usage["completion_tokens_details"])?.["reasoning_tokens"];
    this.facts.reasoning = Math.min(believed(outputCount, reasoning) ?? 0, output ?? 0);
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
