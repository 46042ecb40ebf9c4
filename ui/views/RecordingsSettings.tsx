// Recordings: what they take, how long they stay, what the limits would delete, and whether their file is sound.

import { useModel } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { type AppModels, debounce } from "../app_models.ts";
import { formatBytes, formatPlural } from "../format.ts";
import { formatPercent } from "../format_money.ts";
import { type LimitName, StorageModel, type StorageState } from "../models/storage.ts";
import { Button } from "../parts/Button.tsx";
import { ConfirmButton } from "../parts/Confirm.tsx";
import { ErrorNote, SkeletonRows } from "../parts/Notes.tsx";
import { Setting } from "../parts/Setting.tsx";
import { RecordingsCheck } from "./RecordingsCheck.tsx";
import { RetentionPreview } from "./RetentionPreview.tsx";

export function RecordingsSettings({ models }: { models: AppModels }): VNode {
  const storage = useModel(() => new StorageModel({ api: models.api.recordings, debounce }));
  useEffect(() => void storage.load(), []);
  const error = storage.saved.error.value ?? storage.preview.error.value;
  return (
    <section aria-labelledby="recordings-heading" data-testid="recordings-settings">
      <h2 id="recordings-heading">Recordings</h2>
      <Taken storage={storage} />
      {storage.texts.value !== undefined && <Limits storage={storage} models={models} />}
      {error !== undefined
        ? (
          <ErrorNote
            what="What the recordings take was not loaded"
            error={error}
            onRetry={() => void storage.load()}
          />
        )
        : storage.texts.value === undefined && <SkeletonRows count={3} />}
      <RecordingsCheck storage={storage} />
      <BackupNote dataDirectory={models.fleet.status.value.value?.dataDirectory} />
    </section>
  );
}

/** Done in a terminal: a page could not put the file where its user wants it. */
function BackupNote({ dataDirectory }: { dataDirectory: string | undefined }): VNode {
  return (
    <Setting
      label="Backup"
      note={
        <>
          <code class="wrap">agents-fleet backup FILE --data {dataDirectory ?? "DIR"}</code>{" "}
          copies everything but the secret into one file, while this runs; <code>restore</code> puts it back.
        </>
      }
    />
  );
}

function Taken({ storage }: { storage: StorageState }): VNode {
  const view = storage.preview.value.value;
  if (view === undefined) return <p class="muted">What terminals showed is kept on this computer.</p>;
  if (view.count === 0) {
    return <p class="muted">Nothing is recorded yet. What terminals show is kept on this computer.</p>;
  }
  const { count, storedBytes, rawBytes } = view;
  return (
    <p data-testid="recordings-taken">
      {formatPlural(count, "recording")} {count === 1 ? "takes" : "take"}{" "}
      <strong class="number">{formatBytes(storedBytes)}</strong> on disk for{" "}
      <strong class="number">{formatBytes(rawBytes)}</strong> of output{" "}
      {rawBytes > 0 && <span class="muted number">({formatPercent(storedBytes / rawBytes)})</span>}
    </p>
  );
}

function Limits({ storage, models }: { storage: StorageState; models: AppModels }): VNode {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void storage.save();
      }}
    >
      <LimitField
        storage={storage}
        name="maxAgeDays"
        label="Delete after"
        unit="days"
        note="Counted from a session's end."
      />
      <LimitField
        storage={storage}
        name="maxTotalGb"
        label="All recordings together"
        unit="GiB"
        note="On disk. Above it, the oldest go first."
      />
      <LimitField
        storage={storage}
        name="capGb"
        label="Each recording"
        unit="GiB"
        note="Of output. Above it, its beginning and end stay and the middle goes."
      />
      <RetentionPreview storage={storage} models={models} />
      <Actions storage={storage} />
    </form>
  );
}

interface LimitFieldProps {
  storage: StorageState;
  name: LimitName;
  label: string;
  unit: string;
  note: string;
}

function LimitField({ storage, name, label, unit, note }: LimitFieldProps): VNode {
  const id = `limit-${name}`;
  const problem = storage.problems.value[name];
  return (
    <Setting label={label} labelFor={id} note={note}>
      <div class="recording-limit">
        <div class="recording-limit-line">
          <input
            id={id}
            class="input input-short number"
            type="text"
            inputMode="decimal"
            autocomplete="off"
            placeholder="no limit"
            value={storage.texts.value?.[name] ?? ""}
            aria-invalid={problem !== undefined}
            aria-describedby={`${id}-unit ${id}-problem`}
            data-testid={id}
            onInput={(event) => storage.type(name, event.currentTarget.value)}
          />
          <span id={`${id}-unit`} class="recording-limit-unit muted">{unit}</span>
        </div>
        <p id={`${id}-problem`} class="field-error" role="alert">{problem}</p>
      </div>
    </Setting>
  );
}

function Actions({ storage }: { storage: StorageState }): VNode {
  const going = storage.preview.value.value?.going ?? [];
  const busy = storage.busy.value;
  const cleaned = storage.cleaned.value;
  const freed = formatBytes(going.reduce((sum, { storedBytes }) => sum + storedBytes, 0));
  return (
    <>
      <div class="recording-actions">
        <Button type="submit" variant="primary" disabled={!storage.canSave.value} testId="save-limits">
          {busy === "saving" ? "Saving…" : "Save limits"}
        </Button>
        {going.length > 0 && !storage.isChanged.value && !storage.stale.value && (
          <ConfirmButton
            label={busy === "cleaning" ? "Deleting…" : "Delete now"}
            question={`Delete ${formatPlural(going.length, "session")} for good, and free ${freed}?`}
            action="Delete"
            disabled={busy !== undefined}
            testId="clean"
            onConfirm={() => void storage.clean()}
          />
        )}
        <span role="status">
          {cleaned &&
            `Deleted ${formatPlural(cleaned.deleted, "session")}, freed ${formatBytes(cleaned.freedBytes)}`}
        </span>
      </div>
      {storage.problem.value && <p class="field-error" role="alert">{storage.problem.value}</p>}
    </>
  );
}
