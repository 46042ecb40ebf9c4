// Reads from a request what bounds its price: model, limits, prompt, and whatever knows no limit.
import { Buffer } from "node:buffer";
import { asObject } from "./answer_reader.ts";
import type { ModelApi } from "./model_api.ts";

/** How long the provider keeps what it caches of the prompt, which decides the price of writing it. */
export type CacheUse = "none" | "5m" | "1h";

/** A piece of the prompt's text: enough to know it again, nothing of what it says. */
export interface Leaf {
  fingerprint: number;
  bytes: number;
  isImage: boolean;
}

export interface RequestFacts {
  model: string;
  isStream: boolean;
  /** The provider makes no more than this; undefined where the request states no limit. */
  maxOutputTokens: number | undefined;
  /** A shorter answer than this is not worth its prompt. */
  minOutputTokens: number;
  cache: CacheUse;
  /** The provider caches prompts without being asked. */
  cachesByItself: boolean;
  serviceTier: string | undefined;
  speed: string | undefined;
  inferenceGeo: string | undefined;
  /** All text of the prompt in its order. */
  leaves: Leaf[];
  /** Bytes of everything that is prompt: no token is shorter than one. */
  promptBytes: number;
  /** Pictures, counted apart because their bytes say nothing. */
  images: number;
  /** Searches that the provider may run. */
  maxSearches: number;
  /** What the price of this request has no bound for, in words for the user. */
  unbounded: string[];
}

/** A shorter answer is useless to an agent. */
const MIN_OUTPUT_TOKENS = 256;
/** The least that Anthropic accepts as a thinking budget, and what an answer with thinking needs beside it. */
const MIN_THINKING_TOKENS = 1024;
/** Long texts are told apart by their length and these ends. */
const END_CHARS = 48;
/** More than any provider documents for one picture. */
export const MAX_TOKENS_PER_IMAGE = 10_000;
/** Keys, brackets and roles become tokens too. */
const BYTES_PER_LEAF = 8;

/** The facts of a parsed body; undefined for what is no request of that API. */
export function readRequestFacts(api: ModelApi, body: unknown): RequestFacts | undefined {
  const request = asObject(body);
  const model = request?.["model"];
  if (request === undefined || typeof model !== "string" || model === "") return undefined;
  const walk = new PromptWalk();
  walk.visit({ cache_control: request["cache_control"] });
  for (const field of PROMPT_FIELDS) walk.visit(request[field]);
  const isStream = request["stream"] === true;
  const tools = readTools(request["tools"]);
  const unbounded = [
    ...walk.unbounded,
    ...tools.unbounded,
    ...statefulParts(request),
    ...compactions(request),
  ];
  return {
    model,
    isStream,
    maxOutputTokens: maxOutputTokens(api, request),
    minOutputTokens: minOutputTokens(request, isStream),
    cache: walk.cache,
    cachesByItself: api !== "messages",
    serviceTier: textIn(request, "service_tier"),
    speed: textIn(request, "speed"),
    inferenceGeo: textIn(request, "inference_geo"),
    leaves: walk.leaves,
    promptBytes: walk.bytes,
    images: walk.images,
    maxSearches: tools.maxSearches,
    unbounded: [...new Set(unbounded)],
  };
}

/** In the order in which providers put them before the model. */
const PROMPT_FIELDS = [
  "tools",
  "functions",
  "instructions",
  "system",
  "input",
  "messages",
  "text",
  "response_format",
];

function textIn(request: Record<string, unknown>, field: string): string | undefined {
  const value = request[field];
  return typeof value === "string" ? value : undefined;
}

function countIn(request: Record<string, unknown> | undefined, field: string): number | undefined {
  const value = request?.[field];
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? Math.ceil(value) : undefined;
}

function maxOutputTokens(api: ModelApi, request: Record<string, unknown>): number | undefined {
  if (api === "messages") return countIn(request, "max_tokens");
  if (api === "responses") return countIn(request, "max_output_tokens");
  const each = countIn(request, "max_completion_tokens") ?? countIn(request, "max_tokens");
  return each === undefined ? undefined : each * Math.max(1, countIn(request, "n") ?? 1);
}

/** A thinking budget must stay below the limit of the answer, or the provider refuses the request. */
function minOutputTokens(request: Record<string, unknown>, isStream: boolean): number {
  const budget = countIn(asObject(request["thinking"]), "budget_tokens");
  if (budget === undefined) return MIN_OUTPUT_TOKENS;
  return (isStream ? Math.min(budget, MIN_THINKING_TOKENS) : budget) + MIN_OUTPUT_TOKENS;
}

/** Prompts that the provider remembers are not in the body. */
function statefulParts(request: Record<string, unknown>): string[] {
  const remembered = ["previous_response_id", "conversation", "prompt", "container"];
  return remembered.some((field) => (request[field] ?? null) !== null)
    ? ["a prompt that the provider has stored"]
    : [];
}

/** A summary of the prompt is one more pass, which the provider runs when it sees fit. */
function compactions(request: Record<string, unknown>): string[] {
  const edits = asObject(request["context_management"])?.["edits"];
  const isCompaction = (edit: unknown): boolean => String(asObject(edit)?.["type"]).startsWith("compact");
  return Array.isArray(edits) && edits.some(isCompaction) ? ["a summary that the provider writes"] : [];
}

/** Tools that the provider runs itself, by the start of their type. */
const SERVER_TOOLS =
  /^(web_search|web_fetch|code_execution|file_search|code_interpreter|image_generation|mcp|advisor|tool_search|bash_code_execution)/;

function readTools(tools: unknown): { maxSearches: number; unbounded: string[] } {
  let maxSearches = 0;
  const unbounded: string[] = [];
  for (const tool of Array.isArray(tools) ? tools.map(asObject) : []) {
    const type = tool?.["type"];
    if (typeof type !== "string" || !SERVER_TOOLS.test(type) || type.startsWith("tool_search")) continue;
    const uses = countIn(tool, "max_uses");
    if (type.startsWith("web_search")) maxSearches += uses ?? 0;
    // What a tool finds is prompt again.
    unbounded.push(`the provider's own tool ${type}`);
  }
  return { maxSearches, unbounded };
}

/** Goes through everything that the model reads. */
class PromptWalk {
  readonly leaves: Leaf[] = [];
  readonly unbounded: string[] = [];
  bytes = 0;
  images = 0;
  cache: CacheUse = "none";

  visit(value: unknown): void {
    if (typeof value === "string") this.#text(value);
    else if (Array.isArray(value)) { for (const item of value) this.visit(item); }
    else if (typeof value === "object" && value !== null) this.#object(value as Record<string, unknown>);
    else if (value !== undefined) this.bytes += BYTES_PER_LEAF;
  }

  #object(object: Record<string, unknown>): void {
    if (this.#isMedia(object)) return;
    for (const [key, value] of Object.entries(object)) {
      if (key === "cache_control") this.#cacheControl(asObject(value));
      else {
        this.bytes += key.length + 4;
        this.visit(value);
      }
    }
  }

  #cacheControl(control: Record<string, unknown> | undefined): void {
    if (control === undefined) return;
    if (control["ttl"] === "1h") this.cache = "1h";
    else if (this.cache === "none") this.cache = "5m";
  }

  #text(text: string): void {
    const bytes = Buffer.byteLength(text) + BYTES_PER_LEAF;
    this.bytes += bytes;
    this.leaves.push({ fingerprint: fingerprintOf(text), bytes, isImage: false });
  }

  #isMedia(object: Record<string, unknown>): boolean {
    const type = object["type"];
    if (type !== "image" && type !== "input_image" && type !== "image_url" && type !== "document") {
      if (type === "input_file" || type === "file") this.unbounded.push("a file that the provider reads");
      return false;
    }
    const source = asObject(object["source"]);
    const isInline = source === undefined || source["type"] === "base64" || source["type"] === "text";
    if (type === "document") {
      if (!isInline) this.unbounded.push("a document that the provider fetches");
      return false;
    }
    this.images += 1;
    this.#cacheControl(asObject(object["cache_control"]));
    const picture = object["image_url"] ?? source?.["data"] ?? source?.["url"] ?? source?.["file_id"];
    const text = typeof picture === "string" ? picture : String(asObject(picture)?.["url"]);
    this.leaves.push({ fingerprint: fingerprintOf(text), bytes: 0, isImage: true });
    return true;
  }
}

/** 53 bits of a text's length and ends. */
function fingerprintOf(text: string): number {
  const ends = text.length <= END_CHARS * 2 ? text : text.slice(0, END_CHARS) + text.slice(-END_CHARS);
  let high = text.length;
  let low = ~text.length;
  for (let at = 0; at < ends.length; at++) {
    const code = ends.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
