// One row of the session list: a link to the session, and a box to choose it with.

import type { VNode } from "preact";
import type { SessionView } from "../../server/protocol.ts";
import { rowBudget } from "../budget_lines.ts";
import { RowCalls } from "../gate/InFlightLine.tsx";
import type { Clock } from "../models/clock.ts";
import type { InFlight } from "../models/in_flight.ts";
import { Totals } from "../parts/ChangeMarks.tsx";
import { ThinBudget } from "../parts/Figures.tsx";
import { Link } from "../parts/Link.tsx";
import { KindIcon, StatusDot } from "../parts/SessionMarks.tsx";
import { Age } from "../parts/Times.tsx";
import type { Router } from "../router.ts";
import { hasTitle, isLive, sessionName, sessionPlace, statusOf } from "../session_status.ts";
import { costExplanation, costText, shownUsage } from "../usage_text.ts";

export interface SessionRowProps {
  session: SessionView;
  router: Router;
  clock: Clock;
  inFlight: InFlight;
  current: boolean;
  chosen: boolean;
  /** Place among all rows, for screen readers: not all of them are drawn. */
  position: number;
  total: number;
  onChoose(range: boolean): void;
  onFollow(): void;
}

export function SessionRow(props: SessionRowProps): VNode {
  const { session } = props;
  const name = sessionName(session);
  const budget = rowBudget(session);
  return (
    <li
      class={props.chosen ? "row row-chosen" : "row"}
      aria-posinset={props.position}
      aria-setsize={props.total}
      data-testid="session-row"
      data-session-id={session.id}
    >
      <input
        type="checkbox"
        class="row-box"
        aria-label={`Choose ${name}`}
        checked={props.chosen}
        onClick={(event) => props.onChoose(event.shiftKey)}
      />
      <Link
        to={{ name: "session", id: session.id, tab: "terminal" }}
        router={props.router}
        class="row-link"
        current={props.current}
        onFollow={props.onFollow}
      >
        <StatusDot session={session} />
        <KindIcon kind={session.kind} />
        <span class="row-text">
          <span class={hasTitle(session) ? "row-title" : "row-title mono"}>{name}</span>
          <RowSecond session={session} inFlight={props.inFlight} />
        </span>
        <RowEnd session={session} clock={props.clock} />
        {budget && <ThinBudget line={budget} />}
      </Link>
    </li>
  );
}

/** How much it changed, since when it runs or is over, and what it cost. */
function RowEnd({ session, clock }: Pick<SessionRowProps, "session" | "clock">): VNode {
  const { changes, createdAtMs, endedAtMs } = session;
  const usage = shownUsage(session);
  return (
    <span class="row-end">
      <span class="row-when">
        {changes && <Totals totals={changes} />}
        <Age atMs={isLive(session) ? createdAtMs : endedAtMs ?? createdAtMs} clock={clock} />
      </span>
      {usage && (
        <span class="number" title={costExplanation(usage)} data-testid="row-cost">
          {costText(usage)}
        </span>
      )}
    </span>
  );
}

/** What it asks, or where it runs; before that its state, unless that is the ordinary one of its group. */
function RowSecond({ session, inFlight }: { session: SessionView; inFlight: InFlight }): VNode {
  const { label, tone, detail } = statusOf(session);
  const state = label === "running" || label === "done"
    ? detail
    : detail === undefined || label === "failed"
    ? label
    : detail;
  const asks = label === "needs you" ? session.question : undefined;
  return (
    <span class="row-place" title={asks}>
      {state && (
        <span class={`row-state tone-${tone}`} data-state={state}>{asks === undefined ? state : "asks"}</span>
      )}
      <RowCalls inFlight={inFlight} sessionId={session.id} />
      {asks ?? sessionPlace(session)}
    </span>
  );
}
