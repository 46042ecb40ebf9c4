// What a session used and what it may use: tokens, cost, window, burn rate, metering, and its budgets side by side.

import { Eye, Flame, Info, ShieldCheck } from "lucide";
import type { ComponentChildren, VNode } from "preact";
import type { BurnView, ContextView, SessionView, UsageView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { contextExplanation, contextLevel, timeToLimitText } from "../budget_lines.ts";
import { formatExactUsd, formatUsd } from "../format_money.ts";
import { AtLimitChoice } from "../gate/AtLimitChoice.tsx";
import { BudgetMeter, Tokens } from "../parts/Figures.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Popover } from "../parts/Popover.tsx";
import { isLive } from "../session_status.ts";
import {
  caveatsOf,
  confidenceText,
  costExplanation,
  costText,
  meteringName,
  meteringText,
  shownUsage,
  sourcesText,
  tokensText,
} from "../usage_text.ts";
import { BudgetEditor } from "./BudgetEditor.tsx";

export interface SessionUsageProps {
  models: AppModels;
  session: SessionView;
}

/** Whether there is anything to say; of a command that uses no model and has no limit there is not. */
export function hasUsageLine(session: SessionView): boolean {
  return session.kind !== "shell" || shownUsage(session) !== undefined || session.budgets !== undefined;
}

export function SessionUsage({ models, session }: SessionUsageProps): VNode | null {
  const { budgets, context, burn } = session;
  const usage = shownUsage(session);
  if (!hasUsageLine(session)) return null;
  return (
    <div class="usage" data-testid="session-usage">
      <div class="usage-line">
        {usage !== undefined
          ? <UsageFigures usage={usage} />
          : session.kind !== "shell" && <span class="muted">No model calls counted yet</span>}
        {context && <ContextChip context={context} />}
        {burn && usage && isLive(session) && <Burn session={session} burn={burn} />}
      </div>
      <div class="usage-budgets">
        {budgets?.map((line) => (
          <BudgetMeter key={`${line.budgetId} ${line.unit}`} line={line} alone={budgets.length === 1} />
        ))}
        {session.meteringNote && (
          <span class="tone-text tone-amber" title={session.meteringNote} data-testid="metering-note">
            not behind the gate
          </span>
        )}
        <BudgetEditor models={models} session={session} />
      </div>
    </div>
  );
}

function UsageFigures({ usage }: { usage: UsageView }): VNode {
  const { tokens } = usage;
  return (
    <>
      <span class="usage-cost" title={costExplanation(usage)} data-testid="session-cost">
        {usage.plan === undefined ? <strong class="number">{costText(usage)}</strong> : (
          <>
            plan, worth <strong class="number">{costText(usage)}</strong> at API prices
          </>
        )}
      </span>
      <Figure name="in">
        <Tokens count={tokens.input} />
      </Figure>
      <Figure name="out">
        <Tokens count={tokens.output} />
      </Figure>
      <Figure name="cache read" minor>
        <Tokens count={tokens.cacheRead} />
      </Figure>
      <Figure name="cache write" minor>
        <Tokens count={tokens.cacheWrite} />
      </Figure>
    </>
  );
}

/** Minor ones give way on small screens. */
function Figure(
  { name, minor, children }: { name: string; minor?: boolean; children: ComponentChildren },
): VNode {
  return (
    <span class={minor ? "figure figure-minor" : "figure"}>
      <span class="figure-name">{name}</span> {children}
    </span>
  );
}

function ContextChip({ context }: { context: ContextView }): VNode {
  const { percent, tone } = contextLevel(context);
  return (
    <span
      class={`chip tone-${tone}`}
      title={contextExplanation(context)}
      data-testid="context-chip"
      data-tone={tone}
    >
      context {percent} %
    </span>
  );
}

function Burn({ session, burn }: { session: SessionView; burn: BurnView }): VNode {
  const exact = `${formatExactUsd(burn.nanoUsdPerHour)} per hour over the last quarter of an hour`;
  const toLimit = timeToLimitText(session, burn);
  return (
    <span class="figure" title={exact} data-testid="burn-rate">
      <Icon node={Flame} size={14} />
      <span class="number">{formatUsd(burn.nanoUsdPerHour)}/h</span>
      {toLimit !== undefined && <span class="muted number">{toLimit}</span>}
    </span>
  );
}

/** How it is metered, and behind it how exact the figures are and what they leave out. */
export function Metering({ models, session }: SessionUsageProps): VNode | null {
  const { usage, metering, meteringNote } = session;
  const caveats = [
    ...meteringNote === undefined ? [] : [meteringNote],
    ...usage === undefined ? [] : caveatsOf(usage),
    ...session.blindSpots ?? [],
  ];
  const isShell = session.kind === "shell";
  if (usage === undefined && (metering === undefined || isShell)) return null;
  const isGuess = usage !== undefined && shownUsage(session) === undefined;
  const marked = caveats.length > 0 && !isGuess;
  return (
    <Popover
      label="How exact the figures are"
      buttonClass={marked ? "usage-more usage-more-marked" : "usage-more"}
      title={usage === undefined ? undefined : costExplanation(usage)}
      testId="metering"
      button={
        <>
          <Icon node={metering === "gate" ? ShieldCheck : metering === "observe" ? Eye : Info} size={14} />
          {metering === undefined ? "figures" : meteringName(metering)}
          {usage && !isGuess && <span class="muted">{usage.confidence}</span>}
          {marked && <span class="tone-text tone-amber">{`${caveats.length} noted`}</span>}
        </>
      }
    >
      {() => <MeteringDetails models={models} session={session} caveats={caveats} />}
    </Popover>
  );
}

function MeteringDetails(
  { models, session, caveats }: SessionUsageProps & { caveats: readonly string[] },
): VNode {
  const { usage, metering, atLimit } = session;
  return (
    <div class="metering" data-testid="metering-details">
      {metering && (
        <p>
          <strong>{metering === "gate" ? "Gated." : "Observed."}</strong> {meteringText(metering)}
        </p>
      )}
      {session.upstream && (
        <p data-testid="metering-upstream">
          Its calls go on to <code>{session.upstream}</code>
        </p>
      )}
      {atLimit !== undefined && isLive(session) && (
        <>
          <h2>At a limit</h2>
          <AtLimitChoice
            value={atLimit}
            onChoose={(choice) => void models.actions.setAtLimit(session, choice)}
          />
        </>
      )}
      {usage && (
        <dl class="metering-facts">
          <dt>Cost</dt>
          <dd class="number">{formatExactUsd(usage.costNanoUsd)}</dd>
          <dt>Tokens</dt>
          <dd class="number">{tokensText(usage)}</dd>
          <dt>Seen by</dt>
          <dd>{sourcesText(usage) || "nothing yet"}</dd>
          <dt>Certainty</dt>
          <dd>{confidenceText(usage.confidence)}</dd>
        </dl>
      )}
      {usage?.plan && (
        <p>A subscription pays for this session: the dollars are what its use would cost at API prices.</p>
      )}
      {caveats.length > 0 && (
        <>
          <h2>What to know</h2>
          <ul class="bullets">{caveats.map((each) => <li key={each}>{each}</li>)}</ul>
        </>
      )}
    </div>
  );
}
