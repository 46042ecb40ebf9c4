// What a browser without credentials sees: how to get in.

import { useSignal } from "@preact/signals";
import { Lock } from "lucide";
import type { VNode } from "preact";
import type { Access } from "../models/access.ts";
import { Button } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";

export function LockedView({ access }: { access: Access }): VNode {
  const text = useSignal("");
  const checking = access.busy.value;
  return (
    <main class="locked" data-testid="locked">
      <form
        class="locked-card"
        onSubmit={(event) => {
          event.preventDefault();
          void access.unlock(text.value);
        }}
      >
        <span class="locked-mark">
          <Icon node={Lock} size={20} />
        </span>
        <h1>This browser is not signed in</h1>
        <p>
          Agents Fleet only talks to browsers you let in. In a terminal on this machine, run
        </p>
        <pre class="locked-command"><code>agents-fleet url</code></pre>
        <p>
          and open the address it prints. It works once, for ten minutes. (With <code>--data</code>{" "}
          if the program was started with it.) You can also paste it here:
        </p>
        <label class="field-label" for="login-code">Address or code</label>
        <div class="locked-row">
          <input
            id="login-code"
            class="input mono"
            type="text"
            autocomplete="off"
            spellcheck={false}
            value={text.value}
            aria-invalid={access.error.value !== undefined}
            aria-describedby="login-error"
            data-testid="login-code"
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
          <Button variant="primary" type="submit" disabled={checking} testId="login-submit">
            {checking ? "Checking…" : "Sign in"}
          </Button>
        </div>
        <p id="login-error" class="field-error" role="alert">{access.error.value}</p>
      </form>
    </main>
  );
}
