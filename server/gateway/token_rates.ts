// What has been seen of each model: how dense its text is, and how fast it thinks where nobody can look.
import { z } from "zod";

/** Plain JSON, so that it can be kept over restarts. */
export interface ModelRates {
  /** The highest tokens per byte of shown output. */
  outputTokensPerByte?: number;
  /** The highest tokens per byte of a whole request. */
  promptTokensPerByte?: number;
  /** The highest hidden tokens per second. */
  hiddenTokensPerSecond?: number;
}

/** Output is counted as a token a byte until the model's own ratio is known: no token is shorter. */
const UNKNOWN_BOUND_PER_BYTE = 1;
/** What text of an unknown model is taken for when it can no longer be counted. */
const UNKNOWN_LIKELY_PER_BYTE = 0.5;
/** Texts differ: the next one may be this much denser than any before. */
const SAFETY = 1.5;
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
    return withSafety(this.#models.get(model)?.outputTokensPerByte) ?? UNKNOWN_BOUND_PER_BYTE;
  }

  /** So many tokens a byte of output has at most by all that was seen. */
  likelyPerByte(model: string): number {
    return this.#models.get(model)?.outputTokensPerByte ?? UNKNOWN_LIKELY_PER_BYTE;
  }

  /** The same for requests; undefined until one was counted. */
  promptPerByte(model: string): number | undefined {
    return this.#models.get(model)?.promptTokensPerByte;
  }

  /** More than this a byte no request is expected to have; undefined until one was counted. */
  boundPromptPerByte(model: string): number | undefined {
    return withSafety(this.#models.get(model)?.promptTokensPerByte);
  }

  boundHiddenPerSecond(model: string): number {
    const seen = this.#models.get(model)?.hiddenTokensPerSecond ?? 0;
    return Math.min(MAX_HIDDEN_PER_SECOND, Math.max(FIRST_HIDDEN_PER_SECOND, seen * SAFETY));
  }

  learnOutput(model: string, sample: { tokens: number; bytes: number }): void {
    if (sample.bytes < MIN_SAMPLE_BYTES) return;
    this.#raise(model, "outputTokensPerByte", Math.min(1, sample.tokens / sample.bytes));
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

  #raise(model: string, field: keyof ModelRates, value: number): void {
    const known = this.#models.get(model) ?? {};
    if (!(value > 0) || value <= (known[field] ?? 0)) return;
    if (!this.#models.has(model) && this.#models.size >= MAX_MODELS) return;
    this.#models.set(model, { ...known, [field]: value });
    this.#isChanged = true;
  }
}

function withSafety(perByte: number | undefined): number | undefined {
  return perByte === undefined ? undefined : Math.min(1, perByte * SAFETY);
}
