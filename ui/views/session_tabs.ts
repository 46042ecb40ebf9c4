// The tabs of a session, in order. A new tab is one entry here and one in the router's list.

import type { ComponentType } from "preact";
import type { SessionTabId } from "../router.ts";
import { ArtifactsTab } from "./ArtifactsTab.tsx";
import { ChangesTab } from "./ChangesTab.tsx";
import { DetailsTab } from "./DetailsTab.tsx";
import { LedgerTab } from "./LedgerTab.tsx";
import type { SessionTabProps } from "./session_tab_props.ts";
import { TerminalTab } from "./TerminalTab.tsx";

export const SESSION_TABS: readonly {
  id: SessionTabId;
  label: string;
  view: ComponentType<SessionTabProps>;
}[] = [
  { id: "terminal", label: "Terminal", view: TerminalTab },
  { id: "changes", label: "Changes", view: ChangesTab },
  { id: "ledger", label: "Ledger", view: LedgerTab },
  { id: "artifacts", label: "Artifacts", view: ArtifactsTab },
  { id: "details", label: "Details", view: DetailsTab },
];
