// Where the gated calls of a new session go on to: to where its agent would send them, or to a proxy.

import type { VNode } from "preact";
import type { LaunchExtras } from "../models/launch_extras.ts";

export function LaunchUpstream({ extras }: { extras: LaunchExtras }): VNode {
  const { upstream, upstreams, chooseUpstream } = extras;
  const chosen = upstream.value;
  const isOffered = upstreams.value.some(({ address }) => address === chosen);
  const isOther = chosen !== undefined && !isOffered;
  const choices = [
    { label: "The agent's own", isOn: chosen === undefined, address: undefined },
    ...upstreams.value.map(({ name, address }) => ({ label: name, isOn: address === chosen, address })),
    { label: "Other", isOn: isOther, address: isOther ? chosen : "" },
  ];
  return (
    <>
      <span class="field-label">Calls go on to</span>
      <div class="segments launch-modes" role="group" aria-label="Calls go on to">
        {choices.map(({ label, isOn, address }) => (
          <button
            key={label}
            type="button"
            class="segment"
            aria-pressed={isOn}
            title={address || undefined}
            data-testid={`launch-upstream-${address === undefined ? "own" : label.toLowerCase()}`}
            onClick={() => chooseUpstream(address)}
          >
            {label}
          </button>
        ))}
      </div>
      {isOther && <OtherProxy extras={extras} />}
      {chosen !== undefined && (
        <p class="field-note">
          The agent's own key goes with the calls: it must be one that the proxy takes.
        </p>
      )}
    </>
  );
}

function OtherProxy({ extras }: { extras: LaunchExtras }): VNode {
  const { upstream, upstreamProblem, chooseUpstream } = extras;
  const problem = upstreamProblem.value;
  const isEmpty = upstream.value === "";
  return (
    <>
      <input
        class="input mono"
        type="text"
        inputMode="url"
        autocomplete="off"
        spellcheck={false}
        placeholder="http://localhost:4000"
        aria-label="Address of the proxy"
        aria-invalid={problem !== undefined && !isEmpty}
        value={upstream.value}
        data-testid="launch-upstream-address"
        onInput={(event) => chooseUpstream(event.currentTarget.value)}
      />
      {problem && <p class={isEmpty ? "field-note" : "field-error"} role="status">{problem}</p>}
    </>
  );
}
