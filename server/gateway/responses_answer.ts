// Follows an answer of OpenAI's Responses API.
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

/** The message that is being written, as far as it has come. */
interface OpenMessage {
  item: Record<string, unknown>;
  outputIndex: number;
  text: string;
}

const USAGE_NAMES = { prompt: "input_tokens", output: "output_tokens" };
const LAST_EVENTS = new Set(["response.completed", "response.incomplete", "response.failed"]);
const SEARCH_ITEM = "web_search_call";

export class ResponsesAnswer implements AnswerReader {
  readonly facts = newFacts();
  #response: Record<string, unknown> = {};
  readonly #done: unknown[] = [];
  #message: OpenMessage | undefined;
  #sequence = 0;

  feed(data: string): number {
    const event = parseJsonObject(data);
    if (event === undefined) return Buffer.byteLength(data);
    const type = String(event["type"]);
    this.#sequence = Math.max(this.#sequence, Number(event["sequence_number"]) || 0);
    const delta = event["delta"];
    if (type.endsWith(".delta") && typeof delta === "string") {
      if (type === "response.output_text.delta" && this.#message) this.#message.text += delta;
      return Buffer.byteLength(delta);
    }
    if (type === "response.output_item.added") return this.#open(event);
    if (type === "response.output_item.done") this.#close(event["item"]);
    const response = asObject(event["response"]);
    if (response !== undefined) this.#readResponse(response, LAST_EVENTS.has(type));
    return 0;
  }

  readWhole(body: unknown): void {
    const response = asObject(body);
    if (response === undefined || response["object"] !== "response") return;
    for (const item of Array.isArray(response["output"]) ? response["output"] : []) this.#close(item);
    this.#readResponse(response, true);
  }

  ending({ promptTokens, outputTokens }: EndingCounts): string | undefined {
    if (!this.facts.hasStarted) return undefined;
    const events = this.#message === undefined ? [] : this.#messageEnd(this.#message);
    const usage = {
      input_tokens: promptTokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: promptTokens + outputTokens,
    };
    const response = {
      ...this.#response,
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      output: this.#done,
      usage,
    };
    events.push({ type: "response.incomplete", response });
    return events.map((event) =>
      formatEvent(String(event["type"]), { ...event, sequence_number: ++this.#sequence })
    ).join("");
  }

  #open(event: Record<string, unknown>): number {
    const item = asObject(event["item"]) ?? {};
    this.facts.parts += 1;
    this.facts.isThinking = item["type"] === "reasoning";
    this.#message = item["type"] === "message"
      ? { item, outputIndex: Number(event["output_index"]) || 0, text: "" }
      : undefined;
    const name = item["name"];
    return typeof name === "string" ? Buffer.byteLength(name) : 0;
  }

  #close(item: unknown): void {
    if (asObject(item)?.["type"] === SEARCH_ITEM) {
      this.facts.webSearches = (this.facts.webSearches ?? 0) + 1;
      this.facts.serverToolUses = this.facts.webSearches;
    }
    this.#done.push(item);
    this.#message = undefined;
    this.facts.isThinking = false;
  }

  #readResponse(response: Record<string, unknown>, isLast: boolean): void {
    this.facts.hasStarted = true;
    this.facts.hasEnded ||= isLast;
    const { model, id: messageId, service_tier: serviceTier, usage } = response;
    readNames(this.facts, { model, messageId, serviceTier });
    if (isLast) readOpenAiUsage(this.facts, { usage: asObject(usage) ?? {}, names: USAGE_NAMES });
    else this.#response = response;
  }

  #messageEnd({ item, outputIndex, text }: OpenMessage): Record<string, unknown>[] {
    const part = { type: "output_text", text, annotations: [] };
    const at = { item_id: item["id"], output_index: outputIndex, content_index: 0 };
    const whole = { ...item, status: "incomplete", content: [part] };
    this.#done.push(whole);
    return [
      { type: "response.output_text.done", ...at, text },
      { type: "response.content_part.done", ...at, part },
      { type: "response.output_item.done", output_index: outputIndex, item: whole },
    ];
  }
}
