// One model call at the gate: what became of it in a line, and every step behind it.

import type { VNode } from "preact";
import type { GateEventView } from "../../server/protocol.ts";
import { formatExact, formatTimeOfDay } from "../format.ts";
import { formatExactUsd, formatTokens, formatUsd } from "../format_money.ts";
import { eventName, eventText, eventTone } from "../gate_text.ts";
import type { GateCall } from "../models/gate_activity.ts";

export function GateCallRow({ call }: { call: GateCall }): VNode {
  return (
    <li>
      <details class="gate-entry" data-testid="gate-call" data-outcome={call.outcome}>
        <summary class="gate-call">
          <time class="number muted" title={formatExact(call.startedAtMs)}>
            {formatTimeOfDay(call.startedAtMs)}
          </time>
          <span class="gate-model mono" title={call.model}>{call.model ?? "unknown model"}</span>
          <span class="gate-marks">
            <EventChip kind={call.outcome} />
            {call.marks.map((kind) => <EventChip key={kind} kind={kind} />)}
          </span>
          <Figures call={call} />
        </summary>
        <ol class="gate-events">
          {call.events.map((event) => (
            <li key={event.id} data-kind={event.kind}>
              <time class="number muted">{formatTimeOfDay(event.atMs)}</time>
              <EventChip kind={event.kind} />
              <span class="gate-words">{eventText(event)}</span>
            </li>
          ))}
        </ol>
      </details>
    </li>
  );
}

function Figures({ call }: { call: GateCall }): VNode {
  const { outputTokens, reservedNanoUsd, costNanoUsd } = call;
  return (
    <span class="gate-figures">
      {outputTokens !== undefined && <span class="number">{formatTokens(outputTokens)} out</span>}
      {costNanoUsd === undefined && reservedNanoUsd !== undefined && (
        <span class="number muted" title={formatExactUsd(reservedNanoUsd)}>
          {formatUsd(reservedNanoUsd)} reserved
        </span>
      )}
      {costNanoUsd !== undefined && (
        <span class="number gate-cost" title={costTitle(costNanoUsd, reservedNanoUsd)}>
          {formatUsd(costNanoUsd)}
        </span>
      )}
    </span>
  );
}

function costTitle(costNanoUsd: number, reservedNanoUsd: number | undefined): string {
  const cost = `Cost ${formatExactUsd(costNanoUsd)}`;
  return reservedNanoUsd === undefined
    ? cost
    : `${cost}; at most ${formatExactUsd(reservedNanoUsd)} was reserved`;
}

function EventChip({ kind }: { kind: GateEventView["kind"] }): VNode {
  return <span class={`chip tone-${eventTone(kind)}`}>{eventName(kind)}</span>;
}
