// What the gate of a session does: calls under way, and every recent call with what was done to it, newest first.

import { useModel } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatPlural } from "../format.ts";
import {
  GATE_FILTERS,
  GateActivityModel,
  type GateActivityStore,
  type GateFilter,
} from "../models/gate_activity.ts";
import { callsOf } from "../models/in_flight.ts";
import { EmptyNote, ErrorNote, SkeletonRows } from "../parts/Notes.tsx";
import { isLive } from "../session_status.ts";
import { CallsUnderWay } from "./CallsUnderWay.tsx";
import { GateCallRow } from "./GateCallRow.tsx";

interface GateActivityProps {
  models: AppModels;
  session: SessionView;
  /** Stands first in the bar. */
  lead: ComponentChildren;
}

const FILTER_NAMES: Record<GateFilter, string> = {
  all: "All",
  limit: "At a limit",
  waited: "Waited",
  unclear: "Not bounded",
};

export function GateActivity({ models, session, lead }: GateActivityProps): VNode {
  const gate = useModel(() =>
    new GateActivityModel({
      api: models.api.sessions,
      sessionId: session.id,
      onMessage: (listener) => models.socket.onMessage(listener),
    })
  );
  useEffect(() => void gate.load(), []);
  return (
    <>
      <div class="ledger-bar">
        {lead}
        {gate.calls.value.length > 0 && <Filters gate={gate} />}
        <span class="spacer" />
        <span class="muted number" role="status">
          {gate.loaded.value && formatPlural(gate.shown.value.length, "call")}
        </span>
      </div>
      <div
        class="gate-scroll"
        tabIndex={0}
        role="region"
        aria-label="Gate activity"
        data-testid="gate-activity"
      >
        <CallsUnderWay calls={callsOf(models.inFlight, session.id)} clock={models.clock} />
        {gate.error.value !== undefined && (
          <ErrorNote
            what="The gate's activity was not loaded"
            error={gate.error.value}
            onRetry={() => void gate.load()}
          />
        )}
        <Body gate={gate} session={session} />
      </div>
    </>
  );
}

function Filters({ gate }: { gate: GateActivityStore }): VNode {
  const counts = gate.counts.value;
  return (
    <div class="chips" role="group" aria-label="Which calls">
      {GATE_FILTERS.map((filter) => (
        <button
          key={filter}
          type="button"
          class="pick"
          aria-pressed={gate.filter.value === filter}
          data-testid={`gate-filter-${filter}`}
          onClick={() => {
            gate.filter.value = filter;
          }}
        >
          {FILTER_NAMES[filter]} <span class="muted number">{counts[filter]}</span>
        </button>
      ))}
    </div>
  );
}

function Body({ gate, session }: { gate: GateActivityStore; session: SessionView }): VNode | null {
  const shown = gate.shown.value;
  if (shown.length > 0) {
    return (
      <ul class="gate-calls" aria-label="Recent calls">
        {shown.map((call) => <GateCallRow key={call.callId} call={call} />)}
      </ul>
    );
  }
  if (!gate.loaded.value) return gate.error.value === undefined ? <SkeletonRows count={6} /> : null;
  if (gate.calls.value.length > 0) {
    return <EmptyNote title="No such call">Nothing of this kind happened.</EmptyNote>;
  }
  if (session.metering !== "gate") {
    return (
      <EmptyNote title="This session does not pass the gate">
        Its calls are counted after they were made. A session is gated when a limit applies at its launch, or
        when you choose so there.
      </EmptyNote>
    );
  }
  return (
    <EmptyNote title="Nothing has passed the gate yet">
      {isLive(session)
        ? "Every model call appears here at once: what is reserved for it, and what it cost in the end."
        : "The last 200 events are kept until the program is started again; the calls themselves are in the list of calls."}
    </EmptyNote>
  );
}
