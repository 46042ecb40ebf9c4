// A running session on the start page.

import { CircleStop } from "lucide";
import type { VNode } from "preact";
import type { SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { rulingLine } from "../budget_lines.ts";
import { formatBytes } from "../format.ts";
import { formatUsd } from "../format_money.ts";
import { HoldActions } from "../gate/HoldActions.tsx";
import { obstacleOf } from "../models/hold.ts";
import { ConfirmButton } from "../parts/Confirm.tsx";
import { BudgetMeter } from "../parts/Figures.tsx";
import { Link } from "../parts/Link.tsx";
import { KindIcon, StatusChip } from "../parts/SessionMarks.tsx";
import { Duration } from "../parts/Times.tsx";
import { hasTitle, sessionName, sessionPlace, statusOf, stopText } from "../session_status.ts";
import { costExplanation, costText, shownUsage } from "../usage_text.ts";

export function FleetCard({ session, models }: { session: SessionView; models: AppModels }): VNode {
  const { router, clock, actions } = models;
  const status = statusOf(session);
  const usage = shownUsage(session);
  const budget = obstacleOf(session) ?? rulingLine(session.budgets);
  const fromMs = session.startedAtMs ?? session.createdAtMs;
  return (
    <li class="card" data-testid="fleet-card">
      <div class="card-head">
        <KindIcon kind={session.kind} />
        <Link to={{ name: "session", id: session.id, tab: "terminal" }} router={router} class="card-title">
          {sessionName(session)}
        </Link>
        <StatusChip session={session} />
      </div>
      {hasTitle(session) && <code class="card-command">{session.command}</code>}
      {session.hold !== undefined && (
        <p class="card-question tone-violet" title={session.hold.text}>It waits at its limit for you</p>
      )}
      {status.label === "needs you" && session.question !== undefined && (
        <p class="card-question tone-amber" title={session.question}>{session.question}</p>
      )}
      <div class="card-foot">
        <span class="card-place">{sessionPlace(session)}</span>
        <span>
          <Duration fromMs={fromMs} toMs={session.endedAtMs} clock={clock} />
        </span>
        {usage === undefined
          ? <span class="number">{formatBytes(session.recordedBytes)}</span>
          : (
            <span class="number" title={costExplanation(usage)} data-testid="card-cost">
              {costText(usage)}
            </span>
          )}
        {session.burn && usage && (
          <span class="number" title="Spent per hour, over the last quarter of an hour">
            {formatUsd(session.burn.nanoUsdPerHour)}/h
          </span>
        )}
      </div>
      {budget && <BudgetMeter line={budget} alone={session.budgets?.length === 1} />}
      {session.hold !== undefined && session.stop === undefined && (
        <div class="card-hold">
          <HoldActions models={models} session={session} />
        </div>
      )}
      <div class="card-actions">
        {session.stop === undefined
          ? (
            <ConfirmButton
              label="Stop"
              icon={CircleStop}
              question="Stop it?"
              action="Stop"
              disabled={actions.busy.value.has(session.id)}
              onConfirm={() => void actions.stop(session)}
            />
          )
          : <span class="tone-amber">{stopText(session.stop)}</span>}
      </div>
    </li>
  );
}
