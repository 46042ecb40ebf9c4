// A session's page: header, tabs, the chosen tab. Loads the session when a link led here.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { SessionView } from "../../server/protocol.ts";
import { ApiError, errorMessage } from "../api/api_error.ts";
import type { AppModels } from "../app_models.ts";
import { HoldCard } from "../gate/HoldCard.tsx";
import { InFlightLine } from "../gate/InFlightLine.tsx";
import { Button } from "../parts/Button.tsx";
import { EmptyNote, ErrorNote, SkeletonRows } from "../parts/Notes.tsx";
import { tabId, tabPanelId, Tabs } from "../parts/Tabs.tsx";
import type { SessionTabId } from "../router.ts";
import { SESSION_TABS } from "./session_tabs.ts";
import { SessionHeader } from "./SessionHeader.tsx";

export interface SessionPageProps {
  models: AppModels;
  id: string;
  tab: SessionTabId;
}

export function SessionPage({ models, id, tab }: SessionPageProps): VNode {
  const session = models.known.byId.value.get(id);
  if (session === undefined) return <MissingSession models={models} id={id} />;
  return <KnownSession models={models} session={session} tab={tab} />;
}

function KnownSession(
  { models, session, tab }: { models: AppModels; session: SessionView; tab: SessionTabId },
): VNode {
  const chosen = SESSION_TABS.find((each) => each.id === tab);
  const View = chosen?.view;
  return (
    <div class="session" data-testid="session-view">
      <SessionHeader models={models} session={session} />
      <div class="tabs-line">
        <Tabs
          label="Views of this session"
          selected={tab}
          router={models.router}
          items={SESSION_TABS.map((each) => ({
            id: each.id,
            label: each.label,
            route: { name: "session", id: session.id, tab: each.id },
          }))}
        />
        <InFlightLine models={models} session={session} over={tab === "terminal"} />
      </div>
      <div class="tab-frame">
        <div class="tab-panel" role="tabpanel" id={tabPanelId(tab)} aria-labelledby={tabId(tab)}>
          {View && <View key={session.id} models={models} session={session} />}
        </div>
        <HoldCard models={models} session={session} />
      </div>
    </div>
  );
}

/** Asked for once the connection stands; a session that does not exist says so. */
function MissingSession({ models, id }: { models: AppModels; id: string }): VNode {
  const { sessions, socket, router } = models;
  const failure = useSignal<{ code: string; message: string } | undefined>(undefined);
  const load = (): void => {
    failure.value = undefined;
    sessions.fetch(id).catch((thrown) => {
      failure.value = {
        code: thrown instanceof ApiError ? thrown.code : "",
        message: errorMessage(thrown),
      };
    });
  };
  const loaded = sessions.loaded.value;
  useEffect(() => {
    if (loaded) load();
  }, [id, loaded]);
  if (failure.value?.code === "not_found" || failure.value?.code === "invalid") {
    return (
      <div class="page" data-testid="session-missing">
        <h1 class="visually-hidden">Session not found</h1>
        <EmptyNote title="This session does not exist">
          It was deleted, or the address is wrong.
          <Button onClick={() => router.go({ name: "fleet" })}>Go to the fleet</Button>
        </EmptyNote>
      </div>
    );
  }
  return (
    <div class="page">
      <h1 class="visually-hidden">Session</h1>
      {failure.value === undefined || !socket.isOnline.value
        ? <SkeletonRows count={6} />
        : <ErrorNote what="The session was not loaded" error={failure.value.message} onRetry={load} />}
    </div>
  );
}
