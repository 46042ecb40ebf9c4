// The many ways to write one model's name: with regions, vendors, dates, versions and context variants.

/** Where a model is bought under its name: some of these have a price of their own. */
export interface ModelIdParts {
  /** The name without any of it, lower case: `claude-opus-4-5`. */
  base: string;
  /** A Bedrock id as Amazon writes it: `us.anthropic.claude-opus-4-5-20251101-v1:0`. */
  bedrock?: string;
  /** True for a Bedrock id of one region (`us.`, `eu.`), which costs more than a global one. */
  isRegional: boolean;
  /** Names to look up, most particular first. */
  candidates: string[];
}

const REGION = /^(?:us-gov|us|eu|apac|jp|au|ca|sa|global)\./;
const VENDOR = /^(?:anthropic|openai|meta|mistral|amazon|cohere|deepseek|qwen|moonshot)\./;
const BEDROCK_VERSION = /(?:-v\d+)?:\d+$|-v\d+$/;
const DATE = /[-@](?:20\d{6}|20\d{2}-\d{2}-\d{2}|latest)$/;
/** `claude-opus-5-5[1m]`: the same model and price with a larger window. */
const VARIANT = /\[[^\]]*\]$/;
const MAX_MODEL_CHARS = 200;

/** Takes a model's name apart. Never fails: an unknown form is its own only candidate. */
export function parseModelId(model: string): ModelIdParts {
  const whole = model.slice(0, MAX_MODEL_CHARS).trim().toLowerCase().replace(VARIANT, "");
  const name = whole.slice(whole.lastIndexOf("/") + 1);
  const isBedrock = REGION.test(name) || VENDOR.test(name);
  const bare = name.replace(REGION, "").replace(VENDOR, "").replace(isBedrock ? BEDROCK_VERSION : /$^/, "");
  const dashed = bare.replace("@", "-");
  const base = dashed.replace(DATE, "");
  return {
    base,
    ...(isBedrock ? { bedrock: name } : {}),
    isRegional: REGION.test(name) && !name.startsWith("global."),
    candidates: [...new Set([whole, name, dashed, base])],
  };
}
