// The settings, each applied at once; signing out; and what this program is.

import type { ComponentChildren, VNode } from "preact";
import type { Settings } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatExact } from "../format.ts";
import { MAX_FONT_SIZE, MIN_FONT_SIZE } from "../models/settings.ts";
import { Button } from "../parts/Button.tsx";
import { ConfirmButton } from "../parts/Confirm.tsx";
import { NotLoaded } from "../parts/Notes.tsx";
import { Setting, Switch } from "../parts/Setting.tsx";
import { AdditionSettings } from "./AdditionSettings.tsx";
import { AfterLogoutFact } from "./AfterLogoutFact.tsx";
import { BudgetSettings } from "./BudgetSettings.tsx";
import { NotificationSettings } from "./NotificationSettings.tsx";
import { PriceSettings } from "./PriceSettings.tsx";
import { RecordingsSettings } from "./RecordingsSettings.tsx";
import { SettingsNav, useShownSection } from "./SettingsNav.tsx";
import { SnapshotSettings } from "./SnapshotSettings.tsx";
import { SummarySettings } from "./SummarySettings.tsx";

export function SettingsView({ models }: { models: AppModels }): VNode {
  const { access, router } = models;
  useShownSection(router);
  return (
    <div class="page" data-testid="settings-view">
      <header class="page-header">
        <h1>Settings</h1>
      </header>
      <SettingsNav router={router} />
      <BudgetSettings models={models} />
      <NotificationSettings models={models} />
      <Appearance models={models} />
      <Launching models={models} />
      <PriceSettings models={models} />
      <SummarySettings models={models} />
      <RecordingsSettings models={models} />
      <SnapshotSettings models={models} />
      <section aria-labelledby="access-heading">
        <h2 id="access-heading">Access</h2>
        <Setting label="This browser" note="Ends the sign-in here. Sessions go on.">
          <Button testId="sign-out" onClick={() => void access.signOut("here")}>Sign out</Button>
        </Setting>
        <Setting label="All browsers" note="Ends every sign-in, this one included.">
          <ConfirmButton
            label="Sign out everywhere"
            question="Sign out all browsers?"
            action="Sign out"
            testId="sign-out-all"
            onConfirm={() => void access.signOut("everywhere")}
          />
        </Setting>
        {access.error.value !== undefined && <p class="field-error" role="alert">{access.error.value}</p>}
      </section>
      <About models={models} />
    </div>
  );
}

function Appearance({ models }: { models: AppModels }): VNode {
  const { settings } = models;
  const values = settings.values.value;
  return (
    <section aria-labelledby="appearance-heading">
      <h2 id="appearance-heading">Appearance and terminal</h2>
      <Setting label="Theme" labelFor="setting-theme">
        <select
          id="setting-theme"
          class="select"
          value={values.theme}
          data-testid="setting-theme"
          onChange={(event) =>
            void settings.update({ theme: event.currentTarget.value as Settings["theme"] })}
        >
          <option value="system">As the system</option>
          <option value="dark">Dark</option>
          <option value="light">Light</option>
        </select>
      </Setting>
      <Setting label="Terminal font size" labelFor="setting-font" note="In pixels.">
        <input
          id="setting-font"
          class="input input-short number"
          type="number"
          min={MIN_FONT_SIZE}
          max={MAX_FONT_SIZE}
          value={values.fontSize}
          data-testid="setting-font-size"
          onChange={(event) => void settings.setFontSize(event.currentTarget.valueAsNumber)}
        />
      </Setting>
      <Switch
        id="setting-copy"
        label="Copy on select"
        note="Selecting text in a terminal copies it."
        on={values.copyOnSelect}
        onChange={(copyOnSelect) => void settings.update({ copyOnSelect })}
      />
      <Switch
        id="setting-reader"
        label="Screen reader mode"
        note="Terminals announce their output; costs speed."
        on={values.screenReader}
        onChange={(screenReader) => void settings.update({ screenReader })}
      />
    </section>
  );
}

function Launching({ models }: { models: AppModels }): VNode {
  const { settings } = models;
  return (
    <section aria-labelledby="launching-heading">
      <h2 id="launching-heading">Launching</h2>
      <Switch
        id="setting-login-shell"
        label="Login shell"
        note="Commands with shell syntax go through a login shell. Its profile may change PATH."
        on={settings.values.value.loginShell}
        onChange={(loginShell) => void settings.update({ loginShell })}
      />
      <AdditionSettings models={models} />
    </section>
  );
}

function About({ models }: { models: AppModels }): VNode {
  const { status } = models.fleet;
  const value = status.value.value;
  return (
    <section aria-labelledby="about-heading">
      <h2 id="about-heading">About</h2>
      {value === undefined
        ? (
          <NotLoaded
            rows={4}
            what="The status was not loaded"
            error={status.error.value}
            onRetry={() => void status.load()}
          />
        )
        : (
          <dl class="facts" data-testid="about">
            <Fact name="Version">{value.version}</Fact>
            <Fact name="Address">{value.address}</Fact>
            <Fact name="Address for agents">{value.agentAddress}</Fact>
            <Fact name="After log-out">
              <AfterLogoutFact {...value.afterLogout} />
            </Fact>
            <Fact name="Data directory">{value.dataDirectory}</Fact>
            <Fact name="Running since">{formatExact(value.startedAtMs)}</Fact>
            <Fact name="Platform">{value.platform}</Fact>
            <Fact name="SQLite">{value.sqliteVersion}</Fact>
            <Fact name="Git">{value.gitVersion ?? "not found"}</Fact>
            {value.agents.map((agent) => (
              <Fact key={agent.kind} name={agent.name}>
                {agent.path ?? `not installed: ${agent.install}`}
              </Fact>
            ))}
          </dl>
        )}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
