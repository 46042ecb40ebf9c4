// What has been seen of each model: how dense its text is, and how fast it thinks where nobody can look.
import * as z from "zod";

/** Plain JSON, so that it can be kept over restarts. */
export interface ModelRates {
  /** The highest tokens per byte of shown output. */
  outputTokensPerByte?: number;
  /** Answers that this is the highest of. */
  outputSamples?: number;
  /** The highest tokens per byte of a whole request. */
  promptTokensPerByte?: number;
  /** The highest hidden tokens per second. */
  hiddenTokensPerSecond?: number;
}

/** Output is counted as a token a byte until the model's own ratio is known: no token is shorter. */
const UNKNOWN_BOUND_PER_BYTE = 1;
/** What text of an unknown model is taken for when it can no longer be counted. */
const UNKNOWN_LIKELY_PER_BYTE = 0.5;
/** Of families whose tokenizers are known: prose and code have 3 to 5 bytes a token. */
const FAMILY = /^(claude-|gpt-|o\d|codex)/;
const FAMILY_PER_BYTE = 1 / 3;
/** Texts differ: the next one may be this much denser than any before, and less so than any of many. */
const SAFETY = 1.5;
const SAFETY_AFTER_SAMPLES = 1.25;
const MANY_SAMPLES = 4;
const MAX_SAMPLES_COUNTED = 1000;
/** Above what any model was seen to think at. */
const FIRST_HIDDEN_PER_SECOND = 400;
const MAX_HIDDEN_PER_SECOND = 5000;
/** Shorter samples say little. */
const MIN_SAMPLE_BYTES = 512;
const MIN_SAMPLE_SECONDS = 2;
const MAX_MODELS = 200;

const ratesSchema = z.record(
  z.string(),
  z.object({
    outputTokensPerByte: z.number().positive().max(1).optional(),
    outputSamples: z.number().int().min(0).max(MAX_SAMPLES_COUNTED).optional(),
    promptTokensPerByte: z.number().positive().max(1).optional(),
    hiddenTokensPerSecond: z.number().positive().max(MAX_HIDDEN_PER_SECOND).optional(),
  }),
);

export class TokenRates {
  readonly #models: Map<string, ModelRates>;
  #isChanged = false;

  /** `saved` is an earlier `toJSON`; anything else counts as nothing known. */
  constructor(saved: unknown = {}) {
    const parsed = ratesSchema.safeParse(saved);
    this.#models = new Map(Object.entries(parsed.success ? parsed.data as Record<string, ModelRates> : {}));
  }

  /** More tokens than this are not in so many bytes of output. */
  boundPerByte(model: string): number {
    const samples = this.#models.get(model)?.outputSamples ?? 0;
    const safety = samples < MANY_SAMPLES ? SAFETY : SAFETY_AFTER_SAMPLES;
    return withSafety(this.#seenPerByte(model), safety) ?? UNKNOWN_BOUND_PER_BYTE;
  }

  /** So many tokens a byte of output has at most by all that was seen. */
  likelyPerByte(model: string): number {
    return this.#seenPerByte(model) ?? UNKNOWN_LIKELY_PER_BYTE;
  }

  /** The same for requests; undefined until one was counted. */
  promptPerByte(model: string): number | undefined {
    return this.#models.get(model)?.promptTokensPerByte;
  }

  /** More than this a byte no request is expected to have; undefined until one was counted. */
  boundPromptPerByte(model: string): number | undefined {
    return withSafety(this.#models.get(model)?.promptTokensPerByte, SAFETY);
  }

  boundHiddenPerSecond(model: string): number {
    const seen = this.#models.get(model)?.hiddenTokensPerSecond ?? 0;
    return Math.min(MAX_HIDDEN_PER_SECOND, Math.max(FIRST_HIDDEN_PER_SECOND, seen * SAFETY));
  }

  learnOutput(model: string, sample: { tokens: number; bytes: number }): void {
    if (sample.bytes < MIN_SAMPLE_BYTES) return;
    this.#raise(model, "outputTokensPerByte", Math.min(1, sample.tokens / sample.bytes));
    const known = this.#models.get(model);
    const outputSamples = Math.min(MAX_SAMPLES_COUNTED, (known?.outputSamples ?? 0) + 1);
    if (known === undefined || outputSamples === known.outputSamples) return;
    this.#models.set(model, { ...known, outputSamples });
    this.#isChanged ||= outputSamples <= MANY_SAMPLES;
  }

  learnPrompt(model: string, sample: { tokens: number; bytes: number }): void {
    if (sample.bytes < MIN_SAMPLE_BYTES) return;
    this.#raise(model, "promptTokensPerByte", Math.min(1, sample.tokens / sample.bytes));
  }

  learnHidden(model: string, sample: { tokens: number; seconds: number }): void {
    if (sample.seconds < MIN_SAMPLE_SECONDS) return;
    this.#raise(
      model,
      "hiddenTokensPerSecond",
      Math.min(MAX_HIDDEN_PER_SECOND, sample.tokens / sample.seconds),
    );
  }

  /** What to keep if something was learned since the last call; undefined otherwise. */
  takeChanges(): Record<string, ModelRates> | undefined {
    if (!this.#isChanged) return undefined;
    this.#isChanged = false;
    return Object.fromEntries(this.#models);
  }

  #seenPerByte(model: string): number | undefined {
    return this.#models.get(model)?.outputTokensPerByte ??
      (FAMILY.test(model) ? FAMILY_PER_BYTE : undefined);
  }

  #raise(model: string, field: Exclude<keyof ModelRates, "outputSamples">, value: number): void {
    const known = this.#models.get(model) ?? {};
    if (!(value > 0) || value <= (known[field] ?? 0)) return;
    if (!this.#models.has(model) && this.#models.size >= MAX_MODELS) return;
    this.#models.set(model, { ...known, [field]: value });
    this.#isChanged = true;
  }
}

function withSafety(perByte: number | undefined, safety: number): number | undefined {
  return perByte === undefined ? undefined : Math.min(1, perByte * safety);
}
