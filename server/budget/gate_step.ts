// What a call must have reserved for a number of output tokens, and how many a sum of money is good for.

import type { Amount } from "./spend.ts";

/** The bounds of one call, fixed before it is forwarded. All figures are upper bounds and integers. */
export interface CallBounds {
  /** The whole prompt, priced as dearly as it can come. */
  input: Amount;
  /** Pico-dollars (1e-12 USD) of an output token. */
  outputPicoUsd: number;
}

/** What `outputTokens` of an answer need, the prompt included; money is rounded up. */
export function amountFor(bounds: CallBounds, outputTokens: number): Amount {
  return {
    nanoUsd: bounds.input.nanoUsd + Math.ceil((outputTokens * bounds.outputPicoUsd) / 1000),
    tokens: bounds.input.tokens + outputTokens,
  };
}

/** The most output tokens, at most `wanted`, that `room` is good for; -1 if not even the prompt fits. */
export function outputWithin(
  bounds: CallBounds,
  room: { nanoUsd: number; tokens: number; wanted: number },
): number {
  if (amountFits(amountFor(bounds, room.wanted), room)) return room.wanted;
  const forTokens = Math.min(room.wanted, room.tokens - bounds.input.tokens);
  const nanoUsd = room.nanoUsd - bounds.input.nanoUsd;
  const affordable = bounds.outputPicoUsd === 0 || nanoUsd === Infinity
    ? room.wanted
    : Math.floor((nanoUsd * 1000) / bounds.outputPicoUsd);
  const output = Math.min(forTokens, nanoUsd < 0 ? -1 : affordable);
  return output < 0 ? -1 : output;
}

/** Whether an amount is within a room in both units. */
export function amountFits(amount: Amount, room: Amount): boolean {
  return amount.nanoUsd <= room.nanoUsd && amount.tokens <= room.tokens;
}

/** The sum, or with `sign` -1 the difference, of two amounts. */
export function addAmounts(left: Amount, right: Amount, sign: 1 | -1 = 1): Amount {
  return { nanoUsd: left.nanoUsd + sign * right.nanoUsd, tokens: left.tokens + sign * right.tokens };
}
