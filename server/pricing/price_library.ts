// The price list of genai-prices, which takes as much memory as a room of ours: loaded when the first price is asked for.

/** What is used of the package. */
export type PriceLibrary = Pick<typeof import("@pydantic/genai-prices"), "calcPrice">;
export type LibraryPrice = ReturnType<PriceLibrary["calcPrice"]>;

export async function loadPriceLibrary(): Promise<PriceLibrary> {
  return await import("@pydantic/genai-prices");
}
