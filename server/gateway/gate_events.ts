// What the gate did lately, for pages: noted at once, stored and told in small batches so that no call waits for it.
import type { Log } from "../log.ts";
import type { GateEventView } from "../protocol.ts";
import type { GateEventRow, GateEventTable } from "../store/gate_events.ts";

export interface GateEventsOptions {
  table: GateEventTable;
  log: Log;
}

/** As many as a page shows. */
const MAX_LISTED = 200;
/** Kinds that say the same of every call. */
const SAID_ONCE: GateEventView["kind"] = "unbounded";

export class GateEvents {
  readonly #options: GateEventsOptions;
  /** Not stored and not told yet. */
  #fresh: GateEventRow[] = [];
  /** Texts by session that need no saying again. */
  readonly #said = new Map<string, Set<string>>();
  #lastId: number;

  constructor(options: GateEventsOptions) {
    this.#options = options;
    this.#lastId = options.table.lastId;
  }

  /** False for what has been said of the session before. */
  note(sessionId: string, facts: Omit<GateEventView, "id">): boolean {
    if (facts.kind === SAID_ONCE && !this.#isNew(sessionId, facts.text ?? "")) return false;
    this.#fresh.push({ sessionId, event: { id: ++this.#lastId, ...facts } });
    return true;
  }

  /** Newest first. */
  list(sessionId: string): GateEventView[] {
    const fresh = this.#fresh.flatMap((row) => row.sessionId === sessionId ? [row.event] : []);
    return [...fresh.toReversed(), ...this.#options.table.list(sessionId, MAX_LISTED)].slice(0, MAX_LISTED);
  }

  /** Stores what was noted since and answers it. What cannot be stored is answered all the same. */
  flush(): GateEventRow[] {
    const rows = this.#fresh;
    if (rows.length === 0) return rows;
    this.#fresh = [];
    try {
      this.#options.table.add(rows);
    } catch (cause) {
      this.#options.log.error("What the gate did cannot be stored", { events: rows.length, cause });
    }
    return rows;
  }

  /** The session has ended. */
  forget(sessionId: string): void {
    this.#said.delete(sessionId);
  }

  #isNew(sessionId: string, text: string): boolean {
    let said = this.#said.get(sessionId);
    if (said === undefined) {
      const before = this.list(sessionId).flatMap((event) =>
        event.kind === SAID_ONCE ? [event.text ?? ""] : []
      );
      this.#said.set(sessionId, said = new Set(before));
    }
    if (said.has(text)) return false;
    said.add(text);
    return true;
  }
}
