// What a new snapshot is worth knowing by: what changed, and which commits were made, since the session's first one.
import { errorText } from "../../errors.ts";
import type { ChangeTotals, CommitView } from "../../protocol.ts";
import type { SnapshotTable } from "../../store/snapshots.ts";
import type { Capture, Vault } from "../git/vault_api.ts";

export interface Measured {
  figures: { totals?: ChangeTotals; commits: CommitView[] };
  /** What could not be found out. */
  notes: string[];
}

export class Measures {
  readonly #vault: Vault;
  readonly #table: SnapshotTable;

  constructor({ vault, table }: { vault: Vault; table: SnapshotTable }) {
    this.#vault = vault;
    this.#table = table;
  }

  /** Never rejects: a snapshot without figures is better than none. */
  async measure({ sessionId, root }: { sessionId: string; root: string }, now: Capture): Promise<Measured> {
    const first = this.#table.first(sessionId);
    if (!first) return { figures: { commits: [] }, notes: [] };
    const notes: string[] = [];
    const note = (what: string) => (cause: unknown): undefined => {
      notes.push(`${what}: ${errorText(cause)}`);
      return undefined;
    };
    const totals = await this.#totals(first, now).catch(note("The changes could not be counted"));
    const commits = await this.#commits(root, { from: first.head ?? undefined, to: now.head })
      .catch(note("The commits could not be listed")) ?? [];
    return { figures: { ...(totals ? { totals } : {}), commits }, notes };
  }

  async #totals(first: { store: string; tree: string }, now: Capture): Promise<ChangeTotals | undefined> {
    if (first.store !== now.store) return undefined;
    if (first.tree === now.tree) return { files: 0, additions: 0, deletions: 0 };
    return (await this.#vault.compare({ store: now.store, from: first.tree, to: now.tree })).totals;
  }

  async #commits(
    root: string,
    { from, to }: { from: string | undefined; to: string | undefined },
  ): Promise<CommitView[]> {
    return to === undefined || to === from ? [] : await this.#vault.commits(root, { from, to });
  }
}

/** A duration in words: "850 ms", "4 s", "3 min", "2 h", "5 days". */
export function describeAge(milliseconds: number): string {
  const units: [number, string][] = [[86_400_000, "days"], [3_600_000, "h"], [60_000, "min"], [1000, "s"]];
  const [size, name] = units.find(([size]) => milliseconds >= 2 * size) ?? [1, "ms"];
  return `${Math.round(milliseconds / size)} ${name}`;
}
