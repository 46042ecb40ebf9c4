// Times that tick by themselves, exact on hover.

import { useComputed } from "@preact/signals";
import type { VNode } from "preact";
import { formatAge, formatDuration, formatExact } from "../format.ts";
import type { Clock } from "../models/clock.ts";

/** How long ago. */
export function Age({ atMs, clock }: { atMs: number; clock: Clock }): VNode {
  const text = useComputed(() => formatAge(atMs, clock.nowMs.value));
  return <time class="number" dateTime={new Date(atMs).toISOString()} title={formatExact(atMs)}>{text}</time>;
}

/** How long something took, or takes so far. */
export function Duration(
  { fromMs, toMs, clock }: { fromMs: number; toMs: number | undefined; clock: Clock },
): VNode {
  return toMs === undefined
    ? <RunningDuration fromMs={fromMs} clock={clock} />
    : (
      <span class="number" title={`${formatExact(fromMs)} – ${formatExact(toMs)}`}>
        {formatDuration(toMs - fromMs)}
      </span>
    );
}

function RunningDuration({ fromMs, clock }: { fromMs: number; clock: Clock }): VNode {
  const text = useComputed(() => formatDuration(clock.nowMs.value - fromMs));
  return <span class="number" title={`since ${formatExact(fromMs)}`}>{text}</span>;
}
