// How the user wants to hear of budgets and questions. The browser is asked for leave only after a switch was turned on.

import { Volume2 } from "lucide";
import type { VNode } from "preact";
import type { AppModels } from "../app_models.ts";
import { Button } from "../parts/Button.tsx";
import { Setting, Switch } from "../parts/Setting.tsx";

export function NotificationSettings({ models }: { models: AppModels }): VNode | null {
  const { fleetSettings, announcing } = models;
  const values = fleetSettings.values.value;
  if (values === undefined) return null;
  const turnOn = async (): Promise<void> => {
    if (await announcing.askPermission() === "granted") await fleetSettings.update({ notifyBrowser: true });
  };
  return (
    <section aria-labelledby="notifications-heading" data-testid="notification-settings">
      <h2 id="notifications-heading">Notifications</h2>
      <p class="muted">
        For budget warnings at 80 %, budget stops, and agents that need you. Each event is announced once.
      </p>
      <Switch
        id="notify-toast"
        label="Message on the page"
        note="Stays for 8 seconds; everything is kept behind the bell."
        on={values.notifyToast}
        onChange={(notifyToast) => void fleetSettings.update({ notifyToast })}
      />
      <Switch
        id="notify-browser"
        label="Browser notification"
        note="When you are somewhere else."
        on={values.notifyBrowser}
        onChange={(on) => void (on ? turnOn() : fleetSettings.update({ notifyBrowser: false }))}
      />
      <PermissionNote models={models} wanted={values.notifyBrowser} />
      <Switch
        id="notify-sound"
        label="Sound"
        note="Two short tones."
        on={values.notifySound}
        onChange={(notifySound) => void fleetSettings.update({ notifySound })}
      />
      {values.notifySound && (
        <Setting label="Try the sound">
          <Button icon={Volume2} onClick={() => announcing.playSound()}>Play</Button>
        </Setting>
      )}
    </section>
  );
}

/** What stands between the switch and a notification, in this browser. */
function PermissionNote({ models, wanted }: { models: AppModels; wanted: boolean }): VNode | null {
  const { announcing } = models;
  switch (announcing.permission.value) {
    case "granted":
      return null;
    case "denied":
      return (
        <p class="field-error" role="status" data-testid="notify-denied">
          This browser does not allow notifications of this page. Allow them in its settings for this address,
          then load the page again.
        </p>
      );
    case "unsupported":
      return <p class="field-note">This browser has no notifications.</p>;
    case "default":
      return wanted
        ? (
          <Setting label="This browser has not been asked yet">
            <Button testId="notify-allow" onClick={() => void announcing.askPermission()}>Allow here</Button>
          </Setting>
        )
        : null;
  }
}
