// How much a model can read at once, as far as the price lists know.

import { parseModelId } from "../usage/model_id.ts";
import { newerWindowTokens } from "./newer_models.ts";
import type { PriceLibrary } from "./price_library.ts";

/** Tokens of the model's window; undefined for a model that nobody has described. */
export function modelWindowTokens(model: string, library: PriceLibrary): number | undefined {
  const { base, candidates } = parseModelId(model);
  for (const name of candidates) {
    const tokens = contextWindow(name, library);
    if (tokens !== undefined) return tokens;
  }
  return newerWindowTokens(base);
}

function contextWindow(model: string, { calcPrice }: PriceLibrary): number | undefined {
  const found = calcPrice({}, model)?.model;
  const tokens = found && "context_window" in found ? found.context_window : undefined;
  return typeof tokens === "number" && tokens > 0 ? tokens : undefined;
}
