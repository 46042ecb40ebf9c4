// What a launch would mean for an agent: how it is signed in, and everything we would add to its command.

import { KeyRound, TriangleAlert } from "lucide";
import type { VNode } from "preact";
import type { LaunchAddition, SignInView } from "../../server/protocol.ts";
import type { LaunchForm } from "../models/launch.ts";
import { Icon } from "../parts/Icon.tsx";

export function LaunchAgent({ launch }: { launch: LaunchForm }): VNode | null {
  const check = launch.check.value;
  if (check === undefined || launch.command.value.trim() === "") return null;
  const additions = launch.extras.additions.value;
  return (
    <>
      {check.signIn && <SignIn signIn={check.signIn} />}
      {additions.length > 0 && <Additions additions={additions} launch={launch} />}
    </>
  );
}

function SignIn({ signIn }: { signIn: SignInView }): VNode {
  if (signIn.state === "missing") {
    return (
      <div class="launch-alert" role="status" data-testid="sign-in-missing">
        <Icon node={TriangleAlert} />
        <span>{signIn.message}</span>
      </div>
    );
  }
  return (
    <p class="launch-fact" data-testid="sign-in" data-state={signIn.state}>
      <Icon node={KeyRound} size={14} />
      <span>{withPeriod(signIn.message)}</span>
    </p>
  );
}

function Additions(
  { additions, launch }: { additions: readonly LaunchAddition[]; launch: LaunchForm },
): VNode {
  const on = additions.filter((each) => each.on);
  return (
    <details class="additions" data-testid="additions">
      <summary>
        What we add
        <span class="muted">
          {on.length === 0 ? "nothing" : on.map(({ title }) => title).join(", ")}
          {on.length < additions.length && ` (${additions.length - on.length} off)`}
        </span>
      </summary>
      <p class="field-note">For this launch only: your own settings files stay as they are.</p>
      <ul>
        {additions.map((each) => (
          <Addition
            key={each.id}
            addition={each}
            onSwitch={(wanted) => launch.extras.switchAddition(each.id, wanted)}
          />
        ))}
      </ul>
    </details>
  );
}

function Addition({ addition, onSwitch }: { addition: LaunchAddition; onSwitch(on: boolean): void }): VNode {
  const id = `addition-${addition.id}`;
  return (
    <li class={addition.on ? "addition" : "addition addition-off"}>
      <div class="addition-head">
        <label for={id}>{addition.title}</label>
        <input
          id={id}
          type="checkbox"
          role="switch"
          class="switch"
          checked={addition.on}
          aria-describedby={`${id}-why`}
          data-testid={id}
          onChange={(event) => onSwitch(event.currentTarget.checked)}
        />
      </div>
      <p id={`${id}-why`} class="muted">{addition.on ? addition.why : `Without it: ${addition.without}`}</p>
      {addition.note && <p class="addition-note">{addition.note}</p>}
      {addition.on && addition.flags.length > 0 && (
        <code class="addition-flags">{addition.flags.join(" ")}</code>
      )}
      {addition.on && addition.environment.length > 0 && (
        <p class="addition-environment">
          Sets {addition.environment.map((name) => <code key={name}>{name}</code>)}
        </p>
      )}
      {addition.file && (
        <details class="addition-file">
          <summary>Contents of its file</summary>
          <pre>{addition.file}</pre>
        </details>
      )}
    </li>
  );
}

/** A sentence for the user. */
export function withPeriod(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
