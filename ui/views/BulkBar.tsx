// What can be done to the chosen rows of the session list.

import { useSignal } from "@preact/signals";
import { CircleStop, Trash2, X } from "lucide";
import type { VNode } from "preact";
import type { SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatPlural } from "../format.ts";
import { Button, IconButton } from "../parts/Button.tsx";
import { Confirm } from "../parts/Confirm.tsx";
import { isLive } from "../session_status.ts";

export function BulkBar({ models }: { models: AppModels }): VNode | null {
  const { selection, known } = models;
  const asking = useSignal<Act | undefined>(undefined);
  const sessions = [...selection.ids.value].flatMap((id) => known.byId.value.get(id) ?? []);
  if (sessions.length === 0) return null;
  const chosen = {
    stop: sessions.filter(isLive),
    delete: sessions.filter((session) => !isLive(session)),
  };
  const act = asking.value;
  if (act !== undefined) {
    return (
      <Question
        models={models}
        act={act}
        sessions={chosen[act]}
        onDone={() => {
          asking.value = undefined;
        }}
      />
    );
  }
  const actButton = (act: Act): VNode => (
    <Button
      icon={ACTS[act].icon}
      disabled={chosen[act].length === 0}
      testId={`bulk-${act}`}
      onClick={() => {
        asking.value = act;
      }}
    >
      {ACTS[act].label}
    </Button>
  );
  return (
    <div class="bulk" role="toolbar" aria-label="Chosen sessions">
      <span class="bulk-count number">{sessions.length} chosen</span>
      {actButton("stop")}
      {actButton("delete")}
      <IconButton icon={X} label="Choose none" onClick={() => selection.clear()} />
    </div>
  );
}

type Act = "stop" | "delete";

const ACTS = {
  stop: { icon: CircleStop, label: "Stop" },
  delete: { icon: Trash2, label: "Delete" },
};

interface QuestionProps {
  models: AppModels;
  act: Act;
  sessions: readonly SessionView[];
  /** Answered, one way or the other. */
  onDone(): void;
}

function Question({ models: { actions, selection }, act, sessions, onDone }: QuestionProps): VNode {
  const many = formatPlural(sessions.length, "session");
  const recordings = `and ${sessions.length === 1 ? "its" : "their"} recordings`;
  return (
    <div class="bulk">
      <Confirm
        question={act === "stop" ? `Stop ${many}?` : `Delete ${many} ${recordings}?`}
        action={ACTS[act].label}
        testId={`bulk-${act}-confirm`}
        onConfirm={() => {
          onDone();
          selection.clear();
          void (act === "stop" ? actions.stopMany(sessions) : actions.removeMany(sessions));
        }}
        onCancel={onDone}
      />
    </div>
  );
}
