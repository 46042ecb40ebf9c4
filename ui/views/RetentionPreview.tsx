// What the limits as typed would delete: how many sessions, how much that frees, and which.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { StorageView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatBytes, formatPlural } from "../format.ts";
import type { StorageState } from "../models/storage.ts";
import { Button } from "../parts/Button.tsx";
import { Link } from "../parts/Link.tsx";
import { Age } from "../parts/Times.tsx";

/** Longer lists open on demand. */
const FIRST_ROWS = 10;

const REASONS = { age: "too old", size: "over the total" };

export function RetentionPreview(
  { storage, models }: { storage: StorageState; models: AppModels },
): VNode | null {
  const showAll = useSignal(false);
  const view = storage.preview.value.value;
  if (view === undefined) return null;
  const { going } = view;
  const shown = showAll.value ? going : going.slice(0, FIRST_ROWS);
  return (
    <div
      class={storage.stale.value ? "retention retention-stale" : "retention"}
      aria-busy={storage.stale.value}
      data-testid="retention-preview"
    >
      <p role="status">
        <Verdict view={view} isChanged={storage.isChanged.value} />
      </p>
      {going.length > 0 && <GoingTable going={shown} models={models} />}
      {shown.length < going.length && (
        <Button
          variant="ghost"
          onClick={() => {
            showAll.value = true;
          }}
        >
          Show all {going.length}
        </Button>
      )}
      <p class="muted">
        Limits are applied every hour. Running sessions and those with “Keep” stay. A session goes with its
        recording; what it spent stays counted.
      </p>
    </div>
  );
}

function Verdict({ view, isChanged }: { view: StorageView; isChanged: boolean }): VNode {
  const { going, count } = view;
  if (going.length === 0) return <>These limits delete nothing now.</>;
  const freed = going.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  return (
    <>
      These limits {isChanged && "would "}delete{" "}
      <strong>{going.length} of {formatPlural(count, "recording")}</strong> and free{" "}
      <strong class="number">{formatBytes(freed)}</strong>:
    </>
  );
}

function GoingTable({ going, models }: { going: StorageView["going"]; models: AppModels }): VNode {
  return (
    <table class="plain-table">
      <thead>
        <tr>
          <th scope="col">Session</th>
          <th scope="col">Ended</th>
          <th scope="col">Why</th>
          <th scope="col" class="cell-number">On disk</th>
        </tr>
      </thead>
      <tbody>
        {going.map(({ sessionId, title, endedAtMs, reason, storedBytes }) => (
          <tr key={sessionId}>
            <th scope="row" class="retention-title">
              <Link to={{ name: "session", id: sessionId, tab: "terminal" }} router={models.router}>
                {title}
              </Link>
            </th>
            <td>
              <Age atMs={endedAtMs} clock={models.clock} />
            </td>
            <td>{REASONS[reason]}</td>
            <td class="number cell-number">{formatBytes(storedBytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
