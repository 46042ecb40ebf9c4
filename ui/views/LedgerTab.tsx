// The ledger of a session: every model call with its time, tokens, cost, and who saw it; or what its gate does.

import { useModel, useSignal } from "@preact/signals";
import { Download } from "lucide";
import type { ComponentChildren, VNode } from "preact";
import { useEffect } from "preact/hooks";
import { debounce, saveFile } from "../app_models.ts";
import { formatCount, formatPlural } from "../format.ts";
import { GateActivity } from "../gate/GateActivity.tsx";
import { type Ledger, LedgerModel } from "../models/ledger.ts";
import { Button } from "../parts/Button.tsx";
import { Link } from "../parts/Link.tsx";
import { EmptyNote, ErrorNote, SkeletonRows } from "../parts/Notes.tsx";
import { SearchBox } from "../parts/SearchBox.tsx";
import { isLive } from "../session_status.ts";
import { LedgerTable } from "./LedgerTable.tsx";
import type { SessionTabProps } from "./session_tab_props.ts";

export function LedgerTab({ models, session }: SessionTabProps): VNode {
  const route = models.router.route.value;
  const isGate = route.name === "session" && route.view === "gate";
  const lead = <LedgerViews models={models} session={session} isGate={isGate} />;
  return (
    <div class="ledger" data-testid="ledger">
      {isGate
        ? <GateActivity models={models} session={session} lead={lead} />
        : <LedgerCalls models={models} session={session} lead={lead} />}
    </div>
  );
}

function LedgerViews(
  { models, session, isGate }: SessionTabProps & { isGate: boolean },
): VNode {
  const route = { name: "session", id: session.id, tab: "ledger" } as const;
  return (
    <nav class="segments" aria-label="What of the ledger">
      <Link to={route} router={models.router} class="segment" current={!isGate} testId="ledger-view-calls">
        Calls
      </Link>
      <Link
        to={{ ...route, view: "gate" }}
        router={models.router}
        class="segment"
        current={isGate}
        testId="ledger-view-gate"
      >
        Gate
      </Link>
    </nav>
  );
}

function LedgerCalls({ models, session, lead }: SessionTabProps & { lead: ComponentChildren }): VNode {
  const ledger = useModel(() =>
    new LedgerModel({
      api: models.api.money,
      sessionId: session.id,
      debounce,
      saveFile,
      onError: (text) => models.toasts.show({ tone: "error", text }),
    })
  );
  const { usage } = session;
  useEffect(() => void ledger.refresh(), [usage?.calls, usage?.costNanoUsd]);
  return (
    <>
      <LedgerBar ledger={ledger} calls={usage?.calls ?? 0} lead={lead} />
      {ledger.behind.value && (
        <p class="ledger-behind" role="status">
          New calls came in. <Button onClick={() => void ledger.reload()}>Show them</Button>
        </p>
      )}
      {ledger.error.value !== undefined && (
        <ErrorNote
          what="The ledger was not loaded"
          error={ledger.error.value}
          onRetry={() => void ledger.reload()}
        />
      )}
      <LedgerBody ledger={ledger} session={session} />
    </>
  );
}

function LedgerBar(
  { ledger, calls, lead }: { ledger: Ledger; calls: number; lead: ComponentChildren },
): VNode {
  const text = useSignal("");
  return (
    <div class="ledger-bar">
      {lead}
      <SearchBox
        label="Filter the ledger"
        placeholder="Model, sub-agent, purpose or source"
        value={text.value}
        testId="ledger-filter"
        onSearch={(q) => {
          text.value = q;
          ledger.search(q);
        }}
      />
      <span class="muted number" role="status">
        {ledger.isFiltering.value
          ? `${formatCount(ledger.rows.value.length)}${ledger.hasMore.value ? "+" : ""} of ${
            formatCount(calls)
          }`
          : formatPlural(calls, "call")}
      </span>
      <span class="spacer" />
      {(["csv", "json"] as const).map((format) => (
        <Button
          key={format}
          icon={Download}
          disabled={ledger.exporting.value || calls === 0}
          title={`Download ${
            ledger.isFiltering.value ? "what matches" : "all calls"
          } as ${format.toUpperCase()}`}
          testId={`ledger-${format}`}
          onClick={() => void ledger.export(format)}
        >
          {format.toUpperCase()}
        </Button>
      ))}
    </div>
  );
}

function LedgerBody(
  { ledger, session }: { ledger: Ledger; session: SessionTabProps["session"] },
): VNode | null {
  if (ledger.rows.value.length > 0) {
    return (
      <LedgerTable ledger={ledger} usage={session.usage} summaryCostNanoUsd={session.summaryCostNanoUsd} />
    );
  }
  if (ledger.error.value !== undefined) return null;
  if (!ledger.loaded.value || ledger.loading.value) return <SkeletonRows count={8} />;
  if (ledger.isFiltering.value) {
    return <EmptyNote title="No call matches">Another word may find it.</EmptyNote>;
  }
  return (
    <EmptyNote title="No model calls yet">
      {isLive(session)
        ? "Each call of a model appears here with its tokens and its cost about a second after it ended."
        : "No source reported a model call of this session."}
    </EmptyNote>
  );
}
