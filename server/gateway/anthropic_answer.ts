// Follows an answer of the Anthropic Messages API.
import { Buffer } from "node:buffer";
import { readPasses } from "../usage/claude_passes.ts";
import { UNKNOWN_MODEL } from "../usage/model_call.ts";
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
  readNames,
  useCount,
} from "./answer_reader.ts";

export class AnthropicAnswer implements AnswerReader {
  readonly facts = newFacts();
  /** The block under way. */
  #openBlock: number | undefined;
  #hasStopReason = false;
  #iterations: unknown;

  feed(data: string): number {
    const event = parseJsonObject(data);
    if (event === undefined) return Buffer.byteLength(data);
    const type = event["type"];
    if (type === "content_block_delta") return deltaBytes(asObject(event["delta"]), data);
    if (type === "message_start") this.#start(asObject(event["message"]) ?? {});
    else if (type === "content_block_start") return this.#openPart(event, data);
    else if (type === "content_block_stop") this.#closePart();
    else if (type === "message_delta") this.#finish(event);
    else if (type === "message_stop") this.facts.hasEnded = true;
    else if (type !== "ping" && type !== "error") return Buffer.byteLength(data);
    return 0;
  }

  readWhole(body: unknown): void {
    const message = asObject(body);
    if (message === undefined || message["type"] === "error") return;
    this.#start(message);
    this.#finish(message);
    this.facts.hasEnded = true;
  }

  ending({ outputTokens }: EndingCounts): string | undefined {
    if (!this.facts.hasStarted) return undefined;
    const index = this.#openBlock;
    const delta = { stop_reason: "max_tokens", stop_sequence: null };
    return [
      index === undefined ? "" : formatEvent("content_block_stop", { type: "content_block_stop", index }),
      this.#hasStopReason ? "" : formatEvent("message_delta", {
        type: "message_delta",
        delta,
        usage: { output_tokens: outputTokens },
      }),
      formatEvent("message_stop", { type: "message_stop" }),
    ].join("");
  }

  #start(message: Record<string, unknown>): void {
    this.facts.hasStarted = true;
    readNames(this.facts, { model: message["model"], messageId: message["id"] });
    this.#readPrompt(asObject(message["usage"]) ?? {});
  }

  #openPart(event: Record<string, unknown>, data: string): number {
    const block = asObject(event["content_block"]) ?? {};
    this.#openBlock = Number(event["index"]) || 0;
    this.facts.parts += 1;
    this.facts.isThinking = block["type"] === "thinking" || block["type"] === "redacted_thinking";
    const isResult = String(block["type"]).endsWith("_tool_result");
    return this.facts.isThinking || isResult ? 0 : Math.min(Buffer.byteLength(data), blockBytes(block));
  }

  #closePart(): void {
    this.#openBlock = undefined;
    this.facts.isThinking = false;
  }

  /** The end of a stream, or a whole message: both carry the stop reason and the final usage. */
  #finish(event: Record<string, unknown>): void {
    const usage = asObject(event["usage"]) ?? {};
    const output = believed(outputCount, usage["output_tokens"]);
    if (output !== undefined) this.facts.output = Math.max(output, this.facts.output ?? 0);
    const thinking = asObject(usage["output_tokens_details"])?.["thinking_tokens"];
    this.facts.reasoning = Math.min(believed(outputCount, thinking) ?? 0, this.facts.output ?? 0);
    this.#hasStopReason =
      (asObject(event["delta"])?.["stop_reason"] ?? event["stop_reason"] ?? null) !== null;
    this.#readPrompt(usage);
    this.#readPasses(usage["iterations"]);
  }

  /** Later figures are running totals: they replace earlier ones, class by class, unless they are lower. */
  #readPrompt(usage: Record<string, unknown>): void {
    const input = believed(promptCount, usage["input_tokens"]);
    if (input !== undefined) {
      const written = believed(promptCount, usage["cache_creation_input_tokens"]) ?? 0;
      const split = asObject(usage["cache_creation"]) ?? {};
      const write1h = Math.min(written, believed(promptCount, split["ephemeral_1h_input_tokens"]) ?? 0);
      const before = this.facts.prompt;
      const allWritten = Math.max(written, (before?.cacheWrite5m ?? 0) + (before?.cacheWrite1h ?? 0));
      // The end of an answer repeats how much was written to the cache, not for how long.
      const cacheWrite1h = Math.max(write1h, before?.cacheWrite1h ?? 0);
      this.facts.prompt = {
        input: Math.max(input, before?.input ?? 0),
        cacheRead: Math.max(
          believed(promptCount, usage["cache_read_input_tokens"]) ?? 0,
          before?.cacheRead ?? 0,
        ),
        cacheWrite5m: allWritten - cacheWrite1h,
        cacheWrite1h,
      };
    }
    readNames(this.facts, {
      serviceTier: usage["service_tier"],
      speed: usage["speed"],
      inferenceGeo: usage["inference_geo"],
    });
    this.#readServerTools(asObject(usage["server_tool_use"]));
  }

  #readPasses(iterations: unknown): void {
    this.#iterations = iterations ?? this.#iterations;
    const { model = UNKNOWN_MODEL, prompt, output } = this.facts;
    if (prompt === undefined || output === undefined) return;
    const passes = readPasses(this.#iterations, { model, ...prompt, output });
    if (passes !== undefined) this.facts.passes = passes;
  }

  #readServerTools(uses: Record<string, unknown> | undefined): void {
    if (uses === undefined) return;
    const searches = believed(useCount, uses["web_search_requests"]) ?? 0;
    this.facts.webSearches = searches;
    this.facts.serverToolUses = searches + (believed(useCount, uses["web_fetch_requests"]) ?? 0);
  }
}

/** Names and starting contents of a block count as output. */
function blockBytes(block: Record<string, unknown>): number {
  return ["text", "name"].reduce((sum, field) => {
    const value = block[field];
    return sum + (typeof value === "string" ? Buffer.byteLength(value) : 0);
  }, 0);
}

const DELTA_TEXT: Record<string, string> = {
  text_delta: "text",
  input_json_delta: "partial_json",
  thinking_delta: "thinking",
};
/** Made by the provider's servers, not by the model. */
const NO_OUTPUT = new Set(["signature_delta", "citations_delta"]);

function deltaBytes(delta: Record<string, unknown> | undefined, data: string): number {
  const type = String(delta?.["type"]);
  const text = delta?.[DELTA_TEXT[type] ?? ""];
  if (typeof text === "string") return Buffer.byteLength(text);
  return NO_OUTPUT.has(type) ? 0 : Buffer.byteLength(data);
}
