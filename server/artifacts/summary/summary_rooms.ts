// Wires summaries: what they are made of, who pays, where they are kept.
import type { HolderApi } from "../../holder/api.ts";
import type { Log } from "../../log.ts";
import type { SummaryMoney } from "../../money/summary_money.ts";
import type { ServerMessage, SummarySettings } from "../../protocol.ts";
import type { Sessions } from "../../sessions/sessions.ts";
import type { EventTable } from "../../store/events.ts";
import type { SessionTable } from "../../store/sessions.ts";
import type { SummaryTable } from "../../store/summaries.ts";
import type { ChangeDesk } from "../changes/change_desk.ts";
import type { SnapshotDesk } from "../changes/snapshot_desk.ts";
import { SummaryDesk } from "./summary_desk.ts";
import { createSummarySources } from "./summary_sources.ts";

export interface SummaryRoomsOptions {
  store: { summaries: SummaryTable; sessions: SessionTable; events: EventTable };
  sessions: Pick<Sessions, "get" | "setAiTitle">;
  holder: HolderApi;
  changes: ChangeDesk;
  snapshots: Pick<SnapshotDesk, "finished">;
  money: SummaryMoney;
  settings: () => SummarySettings;
  environment: Readonly<Record<string, string>>;
  broadcast: (message: ServerMessage) => void;
  now: () => number;
  newId: () => string;
  log: Log;
}

export function createSummaryDesk(options: SummaryRoomsOptions): SummaryDesk {
  const { store, sessions, snapshots } = options;
  return new SummaryDesk({
    ...options,
    table: store.summaries,
    rows: store.sessions,
    viewOf: (id) => sessions.get(id),
    setTitle: (id, title) => sessions.setAiTitle(id, title),
    sources: createSummarySources({ ...options, events: store.events }),
    snapshotsFinished: (id) => snapshots.finished(id),
    fetch,
  });
}
