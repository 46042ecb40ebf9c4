// Which of our additions agents get unless a launch says otherwise.

import type { VNode } from "preact";
import type { LaunchAdditionId } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { Switch } from "../parts/Setting.tsx";

const ADDITIONS: readonly { id: LaunchAdditionId; label: string; note: string }[] = [
  {
    id: "session_id",
    label: "Session id",
    note: "A known id of the agent's conversation: for transcripts and resuming.",
  },
  {
    id: "telemetry",
    label: "Telemetry to this program",
    note: "Exact tokens of every call, about a second after it.",
  },
  { id: "hooks", label: "Hooks", note: "Tells at once when an agent works, waits or asks." },
  {
    id: "no_daemon",
    label: "No background daemon",
    note: "Codex ends with its session instead of going on unseen.",
  },
  {
    id: "gateway",
    label: "The gate, where a limit applies",
    note:
      "No call is paid for that a budget does not cover. Off, a limit acts after the call that crossed it.",
  },
];

export function AdditionSettings({ models }: { models: AppModels }): VNode | null {
  const { fleetSettings } = models;
  const values = fleetSettings.values.value;
  if (values === undefined) return null;
  return (
    <>
      <h3>What we add to agents</h3>
      {ADDITIONS.map(({ id, label, note }) => (
        <Switch
          key={id}
          id={`setting-addition-${id}`}
          label={label}
          note={note}
          on={!values.additionsOff.includes(id)}
          onChange={(on) => void fleetSettings.setAddition(id, on)}
        />
      ))}
      <Switch
        id="setting-keep-hashes"
        label="Keep sizes and hashes of gated requests"
        note="In the ledger's rows and downloads, to see which requests were the same. Their text is never kept."
        on={values.keepRequestHashes}
        onChange={(keepRequestHashes) => void fleetSettings.update({ keepRequestHashes })}
      />
    </>
  );
}
