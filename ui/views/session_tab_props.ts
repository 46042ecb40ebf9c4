// What every tab of a session is given.

import type { SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";

export interface SessionTabProps {
  models: AppModels;
  session: SessionView;
}
