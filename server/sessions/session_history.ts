// The history of each session: what is noted in it, and where in the recording.
import type { MarkerKind } from "../protocol.ts";
import type { EventTable } from "../store/events.ts";
import type { SessionTable } from "../store/sessions.ts";
import { InputAudit } from "./input_audit.ts";
import type { LiveSessions } from "./live_sessions.ts";
import type { PatientWriter } from "./patient_writer.ts";

export interface SessionHistoryOptions {
  table: Pick<SessionTable, "get">;
  events: Pick<EventTable, "add">;
  live: LiveSessions;
  writer: PatientWriter;
  now: () => number;
}

export class SessionHistory {
  readonly #options: SessionHistoryOptions;
  readonly #audit: InputAudit;

  constructor(options: SessionHistoryOptions) {
    this.#options = options;
    this.#audit = new InputAudit(({ session, ...line }) => this.#add(session, { kind: "input", ...line }));
  }

  /** Notes where the recording stands now, unless that is known better. */
  addMarker(id: string, marker: { kind: MarkerKind; text: string; offset?: number }): void {
    this.#add(id, { offset: this.#options.live.get(id)?.recordedBytes ?? 0, ...marker });
  }

  /** Notes what was typed, a line at a time. */
  addInput(id: string, input: { bytes: Uint8Array; hidden: boolean; offset: number }): void {
    this.#audit.add(id, input);
  }

  /** Notes what is typed into a session but not finished. */
  settle(id: string): void {
    this.#audit.settle(id);
  }

  /** Notes in the sessions' histories how much of them could not be noted. */
  markLost(notes: ReadonlyMap<string, number>): void {
    for (const [id, count] of notes) {
      if (!this.#options.table.get(id)) continue;
      this.addMarker(id, {
        kind: "recording_gap",
        text: `${count} entries of this history could not be stored`,
      });
    }
  }

  /** Notes what is typed but not finished. */
  close(): void {
    this.#audit.close();
  }

  #add(sessionId: string, event: { kind: MarkerKind | "input"; offset: number; text: string }): void {
    const { now, writer, events, live } = this.#options;
    const entry = { sessionId, atMs: now(), ...event };
    writer.writeNote(sessionId, () => {
      events.add(entry);
      live.emit({ type: "artifact", sessionId });
    });
  }
}
