// The one rounding of money: to the nearest, and from the middle to the even side.

/** `numerator / denominator` rounded half to even; both non-negative, the denominator positive. */
export function divideHalfEven(numerator: bigint, denominator: bigint): number {
  const quotient = numerator / denominator;
  const doubled = (numerator % denominator) * 2n;
  const up = doubled > denominator || (doubled === denominator && quotient % 2n === 1n);
  return Number(up ? quotient + 1n : quotient);
}
