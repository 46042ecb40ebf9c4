// A running session on the start page.

import { CircleStop } from "lucide";
import type { VNode } from "preact";
import type { SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatBytes } from "../format.ts";
import { ConfirmButton } from "../parts/Confirm.tsx";
import { Link } from "../parts/Link.tsx";
import { KindIcon, StatusChip } from "../parts/SessionMarks.tsx";
import { Duration } from "../parts/Times.tsx";
import { sessionName, sessionPlace, stopText } from "../session_status.ts";

export function FleetCard({ session, models }: { session: SessionView; models: AppModels }): VNode {
  const { router, clock, actions } = models;
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
      {session.title !== undefined && <code class="card-command">{session.command}</code>}
      <div class="card-foot">
        <span class="card-place">{sessionPlace(session)}</span>
        <span>
          <Duration fromMs={fromMs} toMs={session.endedAtMs} clock={clock} />
        </span>
        <span class="number">{formatBytes(session.recordedBytes)}</span>
      </div>
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
