// Facts of a session: exact times, ids, how it was started, what its recording takes.

import type { VNode } from "preact";
import type { SessionView } from "../../server/protocol.ts";
import { formatExact } from "../format.ts";
import { AT_LIMIT_TEXT } from "../gate/AtLimitChoice.tsx";
import { kindName } from "../session_status.ts";
import { statusOf } from "../session_status.ts";
import { meteringName } from "../usage_text.ts";
import type { SessionTabProps } from "./session_tab_props.ts";
import { SessionRecording } from "./SessionRecording.tsx";

export function DetailsTab({ models, session }: SessionTabProps): VNode {
  return (
    <div class="details">
      <section aria-labelledby="facts-heading">
        <h2 id="facts-heading">Facts</h2>
        <dl class="facts" data-testid="facts">
          {sessionFacts(session).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
      {session.endReason !== "spawn_failed" && <SessionRecording models={models} session={session} />}
    </div>
  );
}

function sessionFacts(session: SessionView): [string, string][] {
  const status = statusOf(session);
  const facts: [string, string | undefined][] = [
    ["Status", status.detail === undefined ? status.label : `${status.label} (${status.detail})`],
    ["Failure", session.failure],
    ["Kind", kindName(session.kind)],
    ["Command", session.command],
    ["Directory", session.cwd],
    ["Repository", session.repository?.root],
    ["Branch at launch", session.repository?.branch],
    ["Launched", formatExact(session.createdAtMs)],
    ["Started", session.startedAtMs === undefined ? undefined : formatExact(session.startedAtMs)],
    ["Ended", session.endedAtMs === undefined ? undefined : formatExact(session.endedAtMs)],
    ["Metering", session.metering && meteringName(session.metering)],
    ["At a limit", session.atLimit && AT_LIMIT_TEXT[session.atLimit].label],
    ["Exit code", session.exitCode?.toString()],
    ["Signal", session.exitSignal],
    ["Process id", session.pid?.toString()],
    ["Terminal size", `${session.cols} × ${session.rows}`],
    ["Session id", session.id],
    ["Conversation id", session.conversationId],
  ];
  return facts.flatMap(([name, value]) => value === undefined ? [] : [[name, value]]);
}
