// Facts and events of a session: exact times, ids, markers, and the audit of what was typed.

import { useModel } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { SessionEvent, SessionView } from "../../server/protocol.ts";
import { formatCount, formatExact } from "../format.ts";
import { AT_LIMIT_TEXT } from "../gate/AtLimitChoice.tsx";
import { EventsModel } from "../models/events.ts";
import { Button } from "../parts/Button.tsx";
import { EmptyNote, ErrorNote, SkeletonRows } from "../parts/Notes.tsx";
import { kindName } from "../parts/SessionMarks.tsx";
import { statusOf } from "../session_status.ts";
import { meteringName } from "../usage_text.ts";
import type { SessionTabProps } from "./session_tabs.ts";
import { SessionRecording } from "./SessionRecording.tsx";

export function DetailsTab({ models, session }: SessionTabProps): VNode {
  const events = useModel(() => new EventsModel({ api: models.api, sessionId: session.id }));
  useEffect(() => void events.reload(), [session.revision]);
  return (
    <div class="details">
      <section aria-labelledby="facts-heading">
        <h2 id="facts-heading">Facts</h2>
        <dl class="facts">
          {sessionFacts(session).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
      {session.endReason !== "spawn_failed" && <SessionRecording models={models} session={session} />}
      <section aria-labelledby="events-heading">
        <h2 id="events-heading">Events</h2>
        {events.items.value.length > 0
          ? <EventTable events={events.items.value} />
          : events.error.value !== undefined
          ? (
            <ErrorNote
              what="The events were not loaded"
              error={events.error.value}
              onRetry={() => void events.reload()}
            />
          )
          : events.loaded.value
          ? (
            <EmptyNote title="No events yet">
              Starts, stops, exits and what was typed are listed here.
            </EmptyNote>
          )
          : <SkeletonRows count={4} />}
        {events.hasMore.value && <Button onClick={() => void events.loadMore()}>Show older events</Button>}
      </section>
    </div>
  );
}

function EventTable({ events }: { events: readonly SessionEvent[] }): VNode {
  return (
    <table class="events" data-testid="events">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Event</th>
          <th scope="col">Text</th>
          <th scope="col" class="events-number">At byte</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <tr key={event.id} class={event.kind === "input" ? "event-input" : undefined}>
            <td class="number">{formatExact(event.atMs)}</td>
            <td>{event.kind === "input" ? "typed" : event.kind.replaceAll("_", " ")}</td>
            <td class="mono event-text">{event.text}</td>
            <td class="number events-number">{formatCount(event.offset)}</td>
          </tr>
        ))}
      </tbody>
    </table>
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
