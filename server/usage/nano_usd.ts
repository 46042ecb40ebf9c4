// The unit of money: integer nano-dollars.

export const NANO_PER_USD = 1_000_000_000;

/** Nano-dollars of a dollar figure, to the nearest; throws RangeError outside of what an integer can hold. */
export function usdToNanoUsd(usd: number): number {
  const nanoUsd = Math.round(usd * NANO_PER_USD);
  if (!Number.isSafeInteger(nanoUsd)) throw new RangeError(`Cannot turn "${usd}" dollars into nano-dollars`);
  return nanoUsd;
}
