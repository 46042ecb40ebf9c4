// The section of the settings about git snapshots: when they are taken by themselves.

import { useModel } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { AppModels } from "../app_models.ts";
import { SnapshotSettingsModel } from "../models/snapshot_settings.ts";
import { NotLoaded } from "../parts/Notes.tsx";
import { Switch } from "../parts/Setting.tsx";

export function SnapshotSettings({ models }: { models: AppModels }): VNode {
  const settings = useModel(() =>
    new SnapshotSettingsModel({
      api: models.api.settings,
      onError: (text) => models.toasts.show({ tone: "error", text }),
    })
  );
  useEffect(() => void settings.load(), []);
  const values = settings.values.value;
  return (
    <section aria-labelledby="snapshots-heading">
      <h2 id="snapshots-heading">Snapshots</h2>
      {values === undefined && (
        <NotLoaded
          rows={2}
          what="The settings were not loaded"
          error={settings.error.value}
          onRetry={() => void settings.load()}
        />
      )}
      {values?.offByEnvironment && (
        <p class="muted" role="note">
          The environment this program was started in turns snapshots off, whatever is set here:
          AGENTS_FLEET_CAPTURE_GIT_ON_END.
        </p>
      )}
      {values !== undefined && (
        <>
          <Switch
            id="setting-capture"
            label="Keep what a session changed"
            note="Snapshots of the work tree at its start, at stops and at its end, in the data directory: the repository is not touched."
            on={values.captureAtEnd && !values.offByEnvironment}
            disabled={values.offByEnvironment}
            onChange={(captureAtEnd) => void settings.update({ captureAtEnd })}
          />
          <Switch
            id="setting-capture-turns"
            label="After each turn"
            note="One more snapshot when an agent that reports its turns has ended one."
            on={values.afterTurns && values.captureAtEnd && !values.offByEnvironment}
            disabled={values.offByEnvironment || !values.captureAtEnd}
            onChange={(afterTurns) => void settings.update({ afterTurns })}
          />
        </>
      )}
    </section>
  );
}
