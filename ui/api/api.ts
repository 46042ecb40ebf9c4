// The server's HTTP api as the page calls it, one part per area.

import { AccessCalls } from "./access.ts";
import { ArtifactCalls } from "./artifacts.ts";
import { ChangeCalls } from "./changes.ts";
import { FleetCalls } from "./fleet.ts";
import { MoneyCalls } from "./money.ts";
import { RecordingCalls } from "./recordings.ts";
import { type ApiOptions, Requests } from "./requests.ts";
import { SessionCalls } from "./sessions.ts";
import { SettingsCalls } from "./settings.ts";

/** Methods reject with `ApiError`, or with an `AbortError` when given up. */
export class Api {
  readonly access: AccessCalls;
  readonly fleet: FleetCalls;
  readonly sessions: SessionCalls;
  readonly recordings: RecordingCalls;
  readonly money: MoneyCalls;
  readonly changes: ChangeCalls;
  readonly artifacts: ArtifactCalls;
  readonly settings: SettingsCalls;

  constructor(options: ApiOptions) {
    const requests = new Requests(options);
    this.access = new AccessCalls(requests);
    this.fleet = new FleetCalls(requests);
    this.sessions = new SessionCalls(requests);
    this.recordings = new RecordingCalls(requests);
    this.money = new MoneyCalls(requests);
    this.changes = new ChangeCalls(requests);
    this.artifacts = new ArtifactCalls(requests);
    this.settings = new SettingsCalls(requests);
  }
}
