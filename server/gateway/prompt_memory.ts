// Remembers how long a session's last prompts were, so that only what is new in the next one has to be bounded by bytes.
import { US_ONLY } from "../pricing/service_tier.ts";
import { promptTokens } from "../usage/model_call.ts";
import type { PromptCounts } from "./answer_reader.ts";
import { type Leaf, MAX_TOKENS_PER_IMAGE, type RequestFacts } from "./request_facts.ts";

/** The most tokens that a prompt can have. */
export interface PromptBound {
  /** Can be expected to be read from the provider's cache, where this very prompt's beginning was put before. */
  cached: number;
  /** Everything else. */
  fresh: number;
}

interface Remembered {
  model: string;
  leaves: Leaf[];
  promptBytes: number;
  tokens: number;
  cachedTokens: number;
  atMs: number;
}

/** What a prompt has that an earlier one had not, and whether it goes on from where that ended. */
interface Comparison {
  before: Remembered;
  newBytes: number;
  newImages: number;
  isContinuation: boolean;
}

/** Main conversation, helpers, namers: so many prompts of one session are remembered. */
const MAX_REMEMBERED = 12;
/** Only those that are most alike are looked at closely, which takes its time for long prompts. */
const MAX_COMPARED = 2;
/** Providers keep a prompt for five minutes at least, and an hour if paid for it; a minute is left for delays. */
const CACHE_MS = { none: 4 * 60_000, "5m": 4 * 60_000, "1h": 55 * 60_000 };
/** Tokens that an API adds to what it is sent: its own instructions for tools. */
const ADDED_BY_PROVIDER_TOKENS = 1500;
/** A new beginning of the text may still be a cached one if no more than this of it is different. */
const MAX_VOLATILE_BYTES = 1024;
/** Whole prompts of agents are instructions, schemas, prose and code: dense pieces of them do not fill so much. */
const LONG_PROMPT_BYTES = 32 * 1024;
const LONG_PROMPT_TOKENS_PER_BYTE = 0.5;
/** Shorter prompts are not cached anywhere. */
const MIN_CACHED_TOKENS = 1024;
/** Below this part of what was expected, the cache was missed. */
const HIT_SHARE = 0.8;

export interface BoundOptions {
  nowMs: number;
  tokensPerByte?: number;
}

/** One for each session. */
export class PromptMemory {
  readonly #remembered: Remembered[] = [];
  /** Of the request that was asked about last: admission asks several times. */
  #compared: { facts: RequestFacts; comparisons: Comparison[] } | undefined;
  /** A cache that was missed is not counted on again until it has been hit. */
  #trustsCache = true;
  #defaultGeo: string | undefined;

  /** Where the provider runs requests that leave it open; undefined until an answer has said so. */
  get defaultGeo(): string | undefined {
    return this.#defaultGeo;
  }

  /**
   * The bound of a prompt; without any memory it is made of its bytes. With `tokensPerByte` below 1 it is no bound but what
   * the prompt is likely to be.
   */
  bound(facts: RequestFacts, { nowMs, tokensPerByte = 1 }: BoundOptions): PromptBound {
    const images = facts.images * MAX_TOKENS_PER_IMAGE;
    const added = tokensPerByte < 1 ? 0 : ADDED_BY_PROVIDER_TOKENS;
    const perByte = facts.promptBytes < LONG_PROMPT_BYTES
      ? tokensPerByte
      : Math.min(tokensPerByte, LONG_PROMPT_TOKENS_PER_BYTE);
    const plain = { cached: 0, fresh: Math.ceil(facts.promptBytes * perByte) + images + added };
    const known = this.#compare(facts).map((comparison) =>
      this.#boundBy(comparison, { facts, nowMs, tokensPerByte })
    );
    return [plain, ...known].reduce((best, bound) => weight(bound) < weight(best) ? bound : best);
  }

  /** Takes in what the provider counted for a request, and what of it was expected to be cached. */
  remember(
    facts: RequestFacts,
    counted: {
      prompt: PromptCounts;
      expectedCached: number;
      nowMs: number;
      inferenceGeo?: string | undefined;
    },
  ): void {
    const { prompt, expectedCached, nowMs, inferenceGeo } = counted;
    this.#compared = undefined;
    // Of older models it is said to be not available, which tells nothing about the others.
    const saysDefault = inferenceGeo === US_ONLY || inferenceGeo === "global";
    if (facts.inferenceGeo === undefined && saysDefault) this.#defaultGeo = inferenceGeo;
    if (expectedCached > MIN_CACHED_TOKENS) {
      this.#trustsCache = prompt.cacheRead >= expectedCached * HIT_SHARE;
    } else if (prompt.cacheRead > 0) this.#trustsCache = true;
    const tokens = promptTokens({ ...prompt, output: 0 });
    const cachedTokens = facts.cachesByItself ? tokens : tokens - prompt.input;
    const { model, leaves, promptBytes } = facts;
    this.#forget(leaves);
    this.#remembered.push({ model, leaves, promptBytes, tokens, cachedTokens, atMs: nowMs });
    if (this.#remembered.length > MAX_REMEMBERED) this.#remembered.shift();
  }

  #compare(facts: RequestFacts): Comparison[] {
    if (this.#compared?.facts === facts) return this.#compared.comparisons;
    const alike = this.#remembered.filter(({ model }) => model === facts.model)
      .map((before) => ({ before, alike: countAlike(before.leaves, facts.leaves) }))
      .sort((one, other) => other.alike - one.alike).slice(0, MAX_COMPARED);
    const comparisons: Comparison[] = [];
    for (const { before } of alike) {
      comparisons.push(compare(before, facts));
      if (comparisons.at(-1)?.isContinuation) break;
    }
    this.#compared = { facts, comparisons };
    return comparisons;
  }

  #boundBy(
    { before, newBytes, newImages, isContinuation }: Comparison,
    { facts, nowMs, tokensPerByte }: Required<BoundOptions> & { facts: RequestFacts },
  ): PromptBound {
    const all = before.tokens + Math.ceil(newBytes * tokensPerByte) + newImages * MAX_TOKENS_PER_IMAGE;
    const isFresh = nowMs - before.atMs < CACHE_MS[facts.cache];
    const cached = isContinuation && isFresh && this.#trustsCache ? before.cachedTokens : 0;
    return { cached, fresh: all - cached };
  }

  /** The prompt that a longer one continues is of no use any more. */
  #forget(leaves: readonly Leaf[]): void {
    const at = this.#remembered.findIndex((before) => beginsWith(leaves, before.leaves));
    if (at !== -1) this.#remembered.splice(at, 1);
  }
}

/** What is dearer to be wrong about counts more. */
function weight({ cached, fresh }: PromptBound): number {
  return fresh + cached / 10;
}

function beginsWith(leaves: readonly Leaf[], beginning: readonly Leaf[]): boolean {
  return beginning.length <= leaves.length &&
    beginning.every((leaf, index) => leaf.fingerprint === leaves[index]?.fingerprint);
}

/** Pieces that are the same at the same place. */
function countAlike(left: readonly Leaf[], right: readonly Leaf[]): number {
  let alike = 0;
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    if (left[index]?.fingerprint === right[index]?.fingerprint) alike += 1;
  }
  return alike;
}

function compare(before: Remembered, facts: RequestFacts): Comparison {
  const moved = new Map<number, number>();
  const isSame = (index: number): boolean =>
    before.leaves[index]?.fingerprint === facts.leaves[index]?.fingerprint;
  for (const [index, { fingerprint }] of before.leaves.entries()) {
    if (!isSame(index)) moved.set(fingerprint, (moved.get(fingerprint) ?? 0) + 1);
  }
  let newBytes = 0;
  let newImages = 0;
  let changedBytes = 0;
  for (const [index, { fingerprint, bytes, isImage }] of facts.leaves.entries()) {
    if (isSame(index)) continue;
    const count = moved.get(fingerprint) ?? 0;
    if (count > 0) moved.set(fingerprint, count - 1);
    else {
      newBytes += bytes;
      if (isImage) newImages += 1;
      if (index < before.leaves.length) changedBytes += Math.max(1, bytes);
    }
  }
  // Keys and numbers are no leaves; new ones come with new leaves, so that their share of bytes is new as well.
  const structure = Math.max(0, facts.promptBytes - before.promptBytes - newBytes);
  const isContinuation = facts.leaves.length >= before.leaves.length && changedBytes <= MAX_VOLATILE_BYTES;
  return { before, newBytes: newBytes + structure, newImages, isContinuation };
}
