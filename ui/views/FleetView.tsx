// The start page: what runs, what needs the user, what is left over, and what can be started again.

import { Plus, Rocket, TriangleAlert } from "lucide";
import type { VNode } from "preact";
import type { SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatPlural } from "../format.ts";
import { Button } from "../parts/Button.tsx";
import { ConfirmButton } from "../parts/Confirm.tsx";
import { Money } from "../parts/Figures.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { ErrorNote, SkeletonRows } from "../parts/Notes.tsx";
import { Age } from "../parts/Times.tsx";
import { DayBudgetOffer } from "./DayBudgetOffer.tsx";
import { FleetCard } from "./FleetCard.tsx";
import { RecentLaunches } from "./RecentLaunches.tsx";

export function FleetView({ models }: { models: AppModels }): VNode {
  const { known, sessions, router } = models;
  const { live, needs } = known.counts.value;
  const day = models.budgets.day.value;
  return (
    <div class="page" data-testid="fleet-view">
      <header class="page-header">
        <div>
          <h1>Fleet</h1>
          <p class="page-summary">
            {live === 0 ? "Nothing is running" : formatPlural(live, "session") + " running"}
            {needs > 0 && <strong class="tone-amber">{`, ${needs} need${needs === 1 ? "s" : ""} you`}
            </strong>}
            {day && (
              <>
                {" · "}
                <Money nanoUsd={day.spent.nanoUsd} /> today
              </>
            )}
          </p>
        </div>
        <Button variant="primary" icon={Plus} testId="fleet-new" onClick={() => router.go({ name: "new" })}>
          New session
        </Button>
      </header>
      <DayBudgetOffer models={models} />
      <Survivors models={models} />
      {sessions.error.value !== undefined && !sessions.loaded.value
        ? (
          <ErrorNote
            what="The sessions were not loaded"
            error={sessions.error.value}
            onRetry={() => void sessions.reload()}
          />
        )
        : sessions.loaded.value
        ? <FleetBody models={models} live={known.live.value} />
        : <SkeletonRows count={3} />}
    </div>
  );
}

function FleetBody({ models, live }: { models: AppModels; live: readonly SessionView[] }): VNode {
  const launches = models.fleet.recents.value.value?.launches ?? [];
  if (live.length === 0 && launches.length === 0) return <FirstSteps models={models} />;
  return (
    <>
      <section aria-labelledby="running-heading">
        <h2 id="running-heading">Running</h2>
        {live.length === 0
          ? (
            <p class="muted">
              Nothing runs at the moment. Earlier sessions are in the list; they can be replayed.
            </p>
          )
          : (
            <ul class="cards">
              {live.map((session) => <FleetCard key={session.id} session={session} models={models} />)}
            </ul>
          )}
      </section>
      {launches.length > 0 && (
        <section aria-labelledby="recent-heading">
          <h2 id="recent-heading">Start again</h2>
          <RecentLaunches models={models} limit={6} />
        </section>
      )}
    </>
  );
}

function FirstSteps({ models }: { models: AppModels }): VNode {
  return (
    <section class="first" data-testid="first-steps">
      <span class="first-mark">
        <Icon node={Rocket} size={24} />
      </span>
      <h2>Launch your first session</h2>
      <ol>
        <li>Choose a repository and a command: an agent like Claude Code or Codex, or any shell command.</li>
        <li>Watch it live, type into it, close the tab: it keeps running, and everything is recorded.</li>
        <li>Come back later to replay any moment of it.</li>
      </ol>
      <Link to={{ name: "new" }} router={models.router} class="button button-primary">New session</Link>
    </section>
  );
}

function Survivors({ models }: { models: AppModels }): VNode | null {
  const { fleet, clock } = models;
  const found = fleet.survivors.value.value ?? [];
  if (found.length === 0) return null;
  return (
    <section class="survivors" aria-labelledby="survivors-heading" data-testid="survivors">
      <div class="survivors-head">
        <Icon node={TriangleAlert} />
        <h2 id="survivors-heading">
          {formatPlural(found.length, "process", "processes")} of an earlier run{" "}
          {found.length === 1 ? "is" : "are"} still alive
        </h2>
        <ConfirmButton
          label="End them"
          question={`End ${formatPlural(found.length, "process", "processes")}?`}
          action="End"
          disabled={fleet.endingSurvivors.value}
          testId="end-survivors"
          onConfirm={() => void fleet.endSurvivors()}
        />
      </div>
      <ul>
        {found.map((each) => (
          <li key={each.pid}>
            <code>{each.command}</code>
            <span class="muted">
              {each.sessionTitle} · pid <span class="number">{each.pid}</span> · started{" "}
              <Age atMs={each.startedAtMs} clock={clock} /> ago
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
