// What the page's listener and its routes are given, and what passes from one handler to the next.
import type { ArtifactList } from "../artifacts/artifact_list.ts";
import type { ChangeRooms } from "../artifacts/changes/change_rooms.ts";
import type { SummaryDesk } from "../artifacts/summary/summary_desk.ts";
import type { GateDesk } from "../gateway/gate_desk.ts";
import type { HolderApi } from "../holder/api.ts";
import type { Log } from "../log.ts";
import type { MoneyDesk } from "../money/money_desk.ts";
import type { Prices } from "../money/prices.ts";
import type { StatusView } from "../protocol.ts";
import type { Launches } from "../sessions/launches.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { SettingsService } from "../sessions/settings_service.ts";
import type { Storage } from "../sessions/storage.ts";
import type { FleetStore } from "../store/fleet_store.ts";
import type { Assets } from "./assets.ts";
import type { Credentials } from "./credentials.ts";
import type { RouteClass } from "./guard.ts";
import type { Hub } from "./hub.ts";

export interface AppDependencies
  extends Pick<ChangeRooms, "snapshots" | "changes" | "changeWatch" | "reverts"> {
  port: number;
  cookieName: string;
  /** Changes with every start of the server. */
  instance: string;
  version: string;
  assets: Assets;
  credentials: Credentials;
  hub: Hub;
  sessions: Sessions;
  launches: Launches;
  settings: SettingsService;
  /** For plain reads. */
  store: Pick<FleetStore, "sessions" | "events" | "ledger" | "notices">;
  money: MoneyDesk;
  gate: Pick<GateDesk, "activityOf">;
  prices: Prices;
  storage: Storage;
  artifacts: ArtifactList;
  summaries: SummaryDesk;
  holder: HolderApi;
  status: () => StatusView;
  log: Log;
}

/** Values that the guard hands to routes. */
export interface AppEnv {
  Variables: { routeClass: RouteClass; loginId: number; nonce: string };
}
