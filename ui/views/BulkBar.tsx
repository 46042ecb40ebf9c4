// What can be done to the chosen rows of the session list.

import { useSignal } from "@preact/signals";
import { CircleStop, Trash2, X } from "lucide";
import type { VNode } from "preact";
import type { AppModels } from "../app_models.ts";
import { formatPlural } from "../format.ts";
import { Button, IconButton } from "../parts/Button.tsx";
import { Confirm } from "../parts/Confirm.tsx";
import { isLive } from "../session_status.ts";

export function BulkBar({ models }: { models: AppModels }): VNode | null {
  const { selection, known, actions } = models;
  const asking = useSignal<"stop" | "delete" | undefined>(undefined);
  const chosen = [...selection.ids.value].flatMap((id) => known.byId.value.get(id) ?? []);
  if (chosen.length === 0) return null;
  const running = chosen.filter(isLive);
  const ended = chosen.filter((session) => !isLive(session));
  const finish = (work: Promise<void>): void => {
    asking.value = undefined;
    selection.clear();
    void work;
  };
  const cancel = (): void => {
    asking.value = undefined;
  };
  if (asking.value === "stop") {
    return (
      <div class="bulk">
        <Confirm
          question={`Stop ${formatPlural(running.length, "session")}?`}
          action="Stop"
          testId="bulk-stop-confirm"
          onConfirm={() => finish(actions.stopMany(running))}
          onCancel={cancel}
        />
      </div>
    );
  }
  if (asking.value === "delete") {
    return (
      <div class="bulk">
        <Confirm
          question={`Delete ${formatPlural(ended.length, "session")} and ${
            ended.length === 1 ? "its" : "their"
          } recordings?`}
          action="Delete"
          testId="bulk-delete-confirm"
          onConfirm={() => finish(actions.removeMany(ended))}
          onCancel={cancel}
        />
      </div>
    );
  }
  return (
    <div class="bulk" role="toolbar" aria-label="Chosen sessions">
      <span class="bulk-count number">{chosen.length} chosen</span>
      <Button
        icon={CircleStop}
        disabled={running.length === 0}
        testId="bulk-stop"
        onClick={() => {
          asking.value = "stop";
        }}
      >
        Stop
      </Button>
      <Button
        icon={Trash2}
        disabled={ended.length === 0}
        testId="bulk-delete"
        onClick={() => {
          asking.value = "delete";
        }}
      >
        Delete
      </Button>
      <IconButton icon={X} label="Choose none" onClick={() => selection.clear()} />
    </div>
  );
}
