// The command that goes on with a session's conversation, as an artifact.
import type { ArtifactKind } from "../protocol.ts";
import type { EventTable } from "../store/events.ts";
import type { SessionTable } from "../store/sessions.ts";
import {
  type ArtifactSource,
  isBehind,
  ONLY,
  type SourceDetail,
  type SourceItem,
  type SourceWish,
} from "./artifact_list.ts";

export class ResumeSource implements ArtifactSource {
  readonly name = "resume";
  readonly hasOnlyOne = true;
  readonly kinds: readonly ArtifactKind[] = ["resume"];
  readonly #sessions: Pick<SessionTable, "get">;
  readonly #events: EventTable;

  constructor({ sessions, events }: { sessions: Pick<SessionTable, "get">; events: EventTable }) {
    this.#sessions = sessions;
    this.#events = events;
  }

  list(sessionId: string, { before }: SourceWish): SourceItem[] {
    const found = this.get(sessionId);
    if (!found || !isBehind(found, before)) return [];
    const { content: _, facts: __, ...item } = found;
    return [item];
  }

  get(sessionId: string): SourceDetail | undefined {
    const row = this.#sessions.get(sessionId);
    if (!row || row.resumeCommand === null) return undefined;
    const captured = this.#events.listKind(sessionId, "resume_captured").at(-1);
    return {
      number: ONLY,
      kind: "resume",
      atMs: captured?.atMs ?? row.endedAtMs ?? row.startedAtMs ?? row.createdAtMs,
      title: row.resumeConfirmed ? "Resume command" : "Resume command, not confirmed by the agent",
      text: row.resumeCommand,
      content: row.resumeCommand,
      facts: [],
      ...(captured ? { offset: captured.offset } : {}),
    };
  }
}
