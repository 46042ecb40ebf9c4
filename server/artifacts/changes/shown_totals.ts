// How much a session has changed, for lists and headers: as of its last snapshot, or of a later look while it runs.
import type { ChangeTotals } from "../../protocol.ts";
import type { SnapshotTable } from "../../store/snapshots.ts";

export class ShownTotals {
  readonly #table: Pick<SnapshotTable, "totalsOf">;
  readonly #onChange: (sessionId: string) => void;
  /** Seen since the last snapshot. */
  readonly #seen = new Map<string, ChangeTotals>();

  constructor(
    { table, onChange }: {
      table: Pick<SnapshotTable, "totalsOf">;
      /** A look has shown something else than what was known. */
      onChange: (sessionId: string) => void;
    },
  ) {
    this.#table = table;
    this.#onChange = onChange;
  }

  of(sessionId: string): ChangeTotals | undefined {
    return this.#seen.get(sessionId) ?? this.#table.totalsOf(sessionId);
  }

  /** Takes note of what a running session's work tree differs by now from its beginning. */
  see(sessionId: string, totals: ChangeTotals): void {
    if (isSame(this.of(sessionId), totals)) return;
    this.#seen.set(sessionId, totals);
    this.#onChange(sessionId);
  }

  /** A snapshot knows better. */
  forget(sessionId: string): void {
    this.#seen.delete(sessionId);
  }
}

function isSame(known: ChangeTotals | undefined, { files, additions, deletions }: ChangeTotals): boolean {
  return known?.files === files && known.additions === additions && known.deletions === deletions;
}
