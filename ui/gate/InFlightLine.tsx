// The model calls of a session that are under way, in one line: what they do, what came so far, what is reserved.

import { useComputed } from "@preact/signals";
import type { VNode } from "preact";
import type { SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatCount } from "../format.ts";
import { formatExactUsd, formatUsd } from "../format_money.ts";
import { shortCallsText, summarizeCalls } from "../gate_text.ts";
import { callsOf, type InFlight } from "../models/in_flight.ts";
import { Link } from "../parts/Link.tsx";

interface InFlightLineProps {
  models: AppModels;
  session: SessionView;
  /** Where there is no room beside the tabs it lies over what is below them; else it is left out there. */
  over: boolean;
}

/** Comes and goes without moving anything: its place is reserved. Too lively for a live region. */
export function InFlightLine({ models, session, over }: InFlightLineProps): VNode | null {
  const summary = summarizeCalls(callsOf(models.inFlight, session.id));
  if (summary === undefined) return null;
  const { what, tone, outputTokens, reservedNanoUsd } = summary;
  return (
    <Link
      to={{ name: "session", id: session.id, tab: "ledger", view: "gate" }}
      router={models.router}
      class={`in-flight ${over ? "in-flight-over" : ""} tone-${tone}`}
      testId="in-flight"
    >
      <span class="chip-dot" aria-hidden="true" />
      <span class="in-flight-what">{what}</span>
      {outputTokens > 0 && (
        <span class="number" title="Output so far, estimated while it comes">
          ~{formatCount(outputTokens)} tokens
        </span>
      )}
      {reservedNanoUsd !== undefined && reservedNanoUsd > 0 && (
        <span
          class="number in-flight-reserved"
          title={`${formatExactUsd(reservedNanoUsd)} held in its budgets`}
        >
          {formatUsd(reservedNanoUsd)} reserved
        </span>
      )}
    </Link>
  );
}

/** The same in a row of the list; drawn again only when its text changes. */
export function RowCalls({ inFlight, sessionId }: { inFlight: InFlight; sessionId: string }): VNode | null {
  const text = useComputed(() => shortCallsText(callsOf(inFlight, sessionId)));
  if (text.value === "") return null;
  return <span class="row-calls tone-green number" data-testid="row-calls">{text.value}</span>;
}
