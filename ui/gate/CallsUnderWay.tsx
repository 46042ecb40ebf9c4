// The calls of a session that have not ended: state, time, running output, and how far it is paid for.

import type { VNode } from "preact";
import type { CallInFlightView } from "../../server/protocol.ts";
import { formatCount } from "../format.ts";
import { formatExactUsd, formatTokens, formatUsd } from "../format_money.ts";
import { stateName, stateTone } from "../gate_text.ts";
import type { Clock } from "../models/clock.ts";
import { Bar } from "../parts/Figures.tsx";
import { Duration } from "../parts/Times.tsx";

export function CallsUnderWay(
  { calls, clock }: { calls: readonly CallInFlightView[]; clock: Clock },
): VNode | null {
  if (calls.length === 0) return null;
  return (
    <section class="under-way" aria-label="Under way" data-testid="under-way">
      <h2>Under way</h2>
      <ul>{calls.map((call) => <CallUnderWay key={call.callId} call={call} clock={clock} />)}</ul>
    </section>
  );
}

function CallUnderWay({ call, clock }: { call: CallInFlightView; clock: Clock }): VNode {
  const { model, state, outputTokens, coveredTokens, reservedNanoUsd, startedAtMs } = call;
  return (
    <li class="under-way-call">
      <span class={`chip tone-${stateTone(state)}`}>{stateName(state)}</span>
      <span class="gate-model mono" title={model}>{model || "unknown model"}</span>
      <Duration fromMs={startedAtMs} toMs={undefined} clock={clock} />
      <span class="number under-way-output">
        <span>
          ~{formatCount(outputTokens)}
          {coveredTokens !== undefined && (
            <span class="muted" title={`${formatCount(coveredTokens)} tokens of output are covered`}>
              {` of ${formatTokens(coveredTokens)} covered`}
            </span>
          )}
        </span>
        {coveredTokens !== undefined && coveredTokens > 0 && (
          <Bar fraction={outputTokens / coveredTokens} tone={stateTone(state)} />
        )}
      </span>
      {reservedNanoUsd !== undefined && (
        <span class="number" title={formatExactUsd(reservedNanoUsd)}>
          {formatUsd(reservedNanoUsd)} reserved
        </span>
      )}
    </li>
  );
}
