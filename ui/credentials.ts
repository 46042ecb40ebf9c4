// The page's half of the login: the code in the address, and the page key it is exchanged for.

/** The parts of `Storage` that are used. */
export interface KeyStore {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

const PAGE_KEY = "agents-fleet.page-key";

/** The login code in a fragment like `#k=CODE`, or in a pasted address; undefined when there is none. */
export function parseLoginCode(text: string): string | undefined {
  const trimmed = text.trim();
  const hash = trimmed.indexOf("#");
  if (hash >= 0) return new URLSearchParams(trimmed.slice(hash + 1)).get("k") || undefined;
  return /^[\w-]{8,}$/.test(trimmed) ? trimmed : undefined;
}

/** Takes the code out of the address bar, before anything else can see or keep it. */
export function takeLoginCode(location: Location, history: History): string | undefined {
  if (!location.hash.startsWith("#k=")) return undefined;
  const code = parseLoginCode(location.hash);
  history.replaceState(history.state, "", location.pathname + location.search);
  return code;
}

/** Where this browser keeps its page key; storage is separate for each port. */
export class Credentials {
  readonly #store: KeyStore;

  constructor(store: KeyStore) {
    this.#store = store;
  }

  get pageKey(): string | undefined {
    return this.#store.getItem(PAGE_KEY) ?? undefined;
  }

  save(pageKey: string): void {
    this.#store.setItem(PAGE_KEY, pageKey);
  }

  clear(): void {
    this.#store.removeItem(PAGE_KEY);
  }
}
