// Wires what sessions leave: the list of artifacts with all its sources, and the notices of their programs.
import type { Clock } from "../clock.ts";
import type { HolderEvent } from "../holder/api.ts";
import type { MarkerKind } from "../protocol.ts";
import type { EventTable } from "../store/events.ts";
import type { NoticeTable } from "../store/notices.ts";
import type { SessionTable } from "../store/sessions.ts";
import type { SnapshotTable } from "../store/snapshots.ts";
import type { SummaryTable } from "../store/summaries.ts";
import { ArtifactList } from "./artifact_list.ts";
import { secretsOfEnvironment } from "./secrets/environment_secrets.ts";
import { EventSource } from "./event_source.ts";
import { NoticeSource } from "./notice_source.ts";
import { ProgramNotices } from "./program_notices.ts";
import { ResumeSource } from "./resume_source.ts";
import { maskSecrets } from "./secrets/secrets.ts";
import { SnapshotSource } from "./snapshot_source.ts";
import { SummarySource } from "./summary_source.ts";

export interface ArtifactRoomsOptions extends Pick<Clock, "now" | "later"> {
  store: {
    sessions: SessionTable;
    events: EventTable;
    notices: NoticeTable;
    snapshots: SnapshotTable;
    summaries: SummaryTable;
  };
  /** Notes something in a session's history. */
  mark: (sessionId: string, marker: { kind: MarkerKind; text: string; offset: number }) => void;
  /** Keys in it are hidden in texts. */
  environment: Readonly<Record<string, string>>;
}

export interface ArtifactRooms {
  artifacts: ArtifactList;
  /** Takes an event of the holder. */
  handle(event: HolderEvent): void;
  close(): void;
}

export function createArtifactRooms(options: ArtifactRoomsOptions): ArtifactRooms {
  const { sessions, events, notices, snapshots, summaries } = options.store;
  const known = secretsOfEnvironment(options.environment);
  const programNotices = new ProgramNotices(options);
  return {
    artifacts: new ArtifactList({
      sources: [
        new ResumeSource({ sessions, events }),
        new SnapshotSource(snapshots),
        new SummarySource(summaries),
        new NoticeSource(notices),
        new EventSource(events),
      ],
      mask: (text) => maskSecrets(text, known),
    }),
    handle: (event) => {
      if (event.type === "notice") programNotices.add(event.session, event);
      else if (event.type === "exit") programNotices.end(event.exit.session);
    },
    close: () => programNotices.close(),
  };
}
