// The form of a new session: where, what, and a title; problems are shown at their field while typing.

import { useModel } from "@preact/signals";
import { Play } from "lucide";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { AppModels } from "../app_models.ts";
import type { LaunchForm } from "../models/launch.ts";
import { SnapshotSettingsModel } from "../models/snapshot_settings.ts";
import { Button } from "../parts/Button.tsx";
import { LaunchAgent } from "./LaunchAgent.tsx";
import { LaunchBudget } from "./LaunchBudget.tsx";
import { CommandPart, DirectoryPart, TitlePart } from "./LaunchFields.tsx";
import { LaunchMode } from "./LaunchMode.tsx";
import { RecentLaunches } from "./RecentLaunches.tsx";

export function NewSessionView({ models }: { models: AppModels }): VNode {
  const { launch, router, fleet } = models;
  const form = useRef<HTMLFormElement>(null);
  const route = router.route.value;
  useEffect(() => {
    if (route.name !== "new") return;
    if (route.cwd !== undefined) launch.setField("cwd", route.cwd);
    if (route.command !== undefined) launch.setField("command", route.command);
    const first = launch.cwd.value === "" ? "#launch-cwd" : "#launch-command";
    form.current?.querySelector<HTMLInputElement>(first)?.focus();
  }, [route]);
  const hasRecents = (fleet.recents.value.value?.launches.length ?? 0) > 0;
  return (
    <div class="page" data-testid="new-view">
      <header class="page-header">
        <h1>New session</h1>
      </header>
      <form
        class="launch"
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          void launch.submit();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void launch.submit();
        }}
      >
        <DirectoryPart models={models} />
        <CommandPart models={models} />
        <LaunchAgent launch={launch} />
        <TitlePart launch={launch} />
        <LaunchBudget launch={launch} />
        <LaunchMode launch={launch} />
        {launch.error.value?.field === "form" && (
          <p class="field-error" role="alert">{launch.error.value.message}</p>
        )}
        <div class="launch-actions">
          <LaunchButton launch={launch} />
          <LaunchWait models={models} />
        </div>
      </form>
      {hasRecents && (
        <section aria-labelledby="recent-heading">
          <h2 id="recent-heading">Recent</h2>
          <RecentLaunches models={models} limit={10} />
        </section>
      )}
    </div>
  );
}

function LaunchButton({ launch }: { launch: LaunchForm }): VNode {
  const launching = launch.launching.value;
  return (
    <Button variant="primary" type="submit" icon={Play} disabled={launching} testId="launch-submit">
      {launching ? "Launching…" : "Launch"}
    </Button>
  );
}

/** Beside the button: its key, then why a launch may take a moment. */
function LaunchWait({ models }: { models: AppModels }): VNode {
  const { launch, toasts } = models;
  const snapshots = useModel(() =>
    new SnapshotSettingsModel({
      api: models.api.settings,
      onError: (text) => toasts.show({ tone: "error", text }),
    })
  );
  useEffect(() => void snapshots.load(), []);
  if (launch.launching.value && launch.inRepository.value && snapshots.atStart.value) {
    return (
      <span class="launch-wait" role="status">
        Keeping the state of the repository first, for 2 s at most
      </span>
    );
  }
  return (
    <span class="muted">
      <kbd>Ctrl</kbd> <kbd>Enter</kbd>
    </span>
  );
}
