// Comparisons of two trees, remembered for a while: trees never change, so neither do their differences.
import type { Comparison, TreePair, Vault } from "../git/vault_api.ts";

/** Comparisons, and files in all of them. */
const MAX_KEPT = 32;
const MAX_KEPT_FILES = 200_000;

export class Comparisons {
  readonly #vault: Vault;
  readonly #kept = new Map<string, Promise<Comparison>>();
  readonly #files = new Map<string, number>();

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  get(pair: TreePair): Promise<Comparison> {
    const key = `${pair.store} ${pair.from} ${pair.to}`;
    const comparison = this.#kept.get(key) ?? this.#compare(key, pair);
    this.#kept.delete(key);
    this.#kept.set(key, comparison);
    return comparison;
  }

  #compare(key: string, pair: TreePair): Promise<Comparison> {
    const comparison = pair.from === pair.to ? Promise.resolve(NO_CHANGES) : this.#vault.compare(pair);
    comparison.then(
      ({ files }) => {
        this.#files.set(key, files.length);
        this.#forgetOld();
      },
      () => this.#kept.delete(key),
    );
    return comparison;
  }

  #forgetOld(): void {
    let total = [...this.#files.values()].reduce((sum, count) => sum + count, 0);
    for (const key of [...this.#kept.keys()].slice(0, -1)) {
      if (this.#kept.size <= MAX_KEPT && total <= MAX_KEPT_FILES) return;
      total -= this.#files.get(key) ?? 0;
      this.#kept.delete(key);
      this.#files.delete(key);
    }
  }
}

const NO_CHANGES: Comparison = { files: [], totals: { files: 0, additions: 0, deletions: 0 }, notes: [] };
