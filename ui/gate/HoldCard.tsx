// A held session over its tabs: why and since when, and the ways on. It lies over the page so that nothing moves.

import { useComputed, useSignal } from "@preact/signals";
import { CirclePause, X } from "lucide";
import type { VNode } from "preact";
import type { HoldView, SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatCount } from "../format.ts";
import { formatUsd } from "../format_money.ts";
import { obstacleOf } from "../models/hold.ts";
import { callsOf } from "../models/in_flight.ts";
import { Button, IconButton } from "../parts/Button.tsx";
import { BudgetMeter } from "../parts/Figures.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Duration } from "../parts/Times.tsx";
import { HoldActions } from "./HoldActions.tsx";

interface HoldCardProps {
  models: AppModels;
  session: SessionView;
}

export function HoldCard({ models, session }: HoldCardProps): VNode | null {
  const hidden = useSignal<number | undefined>(undefined);
  const { hold } = session;
  if (hold === undefined || session.lifecycle !== "running") return null;
  if (hidden.value === hold.sinceMs) {
    return (
      <div class="hold-hidden tone-violet">
        <Button
          icon={CirclePause}
          testId="hold-show"
          onClick={() => {
            hidden.value = undefined;
          }}
        >
          Held: decide
        </Button>
      </div>
    );
  }
  return (
    <section class="hold-card" aria-label="Held at its limit" data-testid="hold-card">
      <div class="hold-head tone-violet">
        <Icon node={CirclePause} />
        <strong>{hold.unpricedModel === undefined ? "Held at its limit" : "Held: a price is missing"}</strong>
        <span class="muted">
          for <Duration fromMs={hold.sinceMs} toMs={undefined} clock={models.clock} />
        </span>
        <span class="spacer" />
        <IconButton
          icon={X}
          label="Hide; it stays held"
          testId="hold-hide"
          onClick={() => {
            hidden.value = hold.sinceMs;
          }}
        />
      </div>
      <HoldReason session={session} hold={hold} />
      <Waiting models={models} sessionId={session.id} />
      <HoldActions models={models} session={session} withStop />
    </section>
  );
}

function HoldReason({ session, hold }: { session: SessionView; hold: HoldView }): VNode {
  const line = obstacleOf(session);
  if (hold.unpricedModel !== undefined) {
    return (
      <p class="hold-text" data-testid="hold-reason">
        Nobody has stated what <code>{hold.unpricedModel}</code>{" "}
        costs, so that no limit in dollars can be kept for it. Its call waits until you do.
      </p>
    );
  }
  if (line === undefined) return <p class="hold-text" data-testid="hold-reason">{hold.text}</p>;
  const write = (amount: number): string =>
    line.unit === "usd" ? formatUsd(amount) : `${formatCount(amount)} tokens`;
  return (
    <>
      <p class="hold-text" data-testid="hold-reason">
        Its next call needs {hold.needed === undefined ? "more" : `up to ${write(hold.needed)}`}, and{" "}
        {write(Math.max(0, line.remaining))} of the budget for {line.name}{" "}
        is left. The call waits; the agent does not notice.
      </p>
      <BudgetMeter line={{ ...line, rules: false }} />
    </>
  );
}

/** Drawn again only when the count changes. */
function Waiting({ models, sessionId }: { models: AppModels; sessionId: string }): VNode | null {
  const count = useComputed(() =>
    callsOf(models.inFlight, sessionId).filter(({ state }) => state === "held").length
  );
  if (count.value < 2) return null;
  return <p class="muted number">{count.value} calls wait.</p>;
}
