// A book of prices with its library, for tests and scripts, which have the time to load it first.
import { createPriceBook as createBook, type PriceBook } from "../pricing/price_book.ts";
import { loadPriceLibrary } from "../pricing/price_library.ts";
import type { PriceOverrides } from "../pricing/overrides.ts";

const LIBRARY = await loadPriceLibrary();

export function createPriceBook(options: { overrides?: readonly PriceOverrides[] } = {}): PriceBook {
  return createBook({ ...options, library: LIBRARY });
}
