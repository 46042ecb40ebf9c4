// Asks whether the recordings' file is sound: quick or full, and what was found.

import type { VNode } from "preact";
import { formatPlural } from "../format.ts";
import type { CheckState, StorageState } from "../models/storage.ts";
import { Button } from "../parts/Button.tsx";
import { Setting } from "../parts/Setting.tsx";

export function RecordingsCheck({ storage }: { storage: StorageState }): VNode {
  const check = storage.check.value;
  const running = check?.phase === "running";
  return (
    <>
      <Setting
        label="Integrity"
        note="Quick looks at the file's structure; full also compares every index with its rows and can take minutes."
      >
        <div class="recording-checks">
          <Button disabled={running} testId="check-quick" onClick={() => void storage.runCheck("quick")}>
            Quick check
          </Button>
          <Button disabled={running} testId="check-full" onClick={() => void storage.runCheck("full")}>
            Full check
          </Button>
        </div>
      </Setting>
      <div role="status" data-testid="check-result" data-phase={check?.phase}>
        {check && <Result check={check} />}
      </div>
      <PutAside files={storage.preview.value.value?.damagedFiles ?? []} />
    </>
  );
}

/** Nothing of the user's is deleted because it cannot be read. */
function PutAside({ files }: { files: string[] }): VNode | null {
  if (files.length === 0) return null;
  return (
    <Setting
      label="Damaged"
      note={
        <>
          {files.length === 1 ? "A file" : `${files.length} files`} of recordings could not be read and{" "}
          {files.length === 1 ? "was" : "were"} put aside. What is left of a file:{" "}
          <code class="wrap">sqlite3 FILE .recover | sqlite3 NEW</code>. Delete it when you do not want it.
        </>
      }
    >
      <ul class="recording-findings" data-testid="damaged-files">
        {files.map((file) => <li key={file} class="mono wrap">{file}</li>)}
      </ul>
    </Setting>
  );
}

function Result({ check }: { check: CheckState }): VNode {
  const name = check.depth === "full" ? "Full check" : "Quick check";
  switch (check.phase) {
    case "running":
      return (
        <div class="recording-checking">
          <progress aria-label={`${name} is running`} />
          <span class="muted">{name} is running; sessions go on meanwhile.</span>
        </div>
      );
    case "failed":
      return <p class="tone-text tone-red">{name} was not finished: {check.error}</p>;
    case "done":
      if (check.findings.length === 0) return <p class="tone-text tone-green">{name}: all is well.</p>;
      return (
        <>
          <p class="tone-text tone-red">{name} found {formatPlural(check.findings.length, "problem")}:</p>
          <ul class="recording-findings">
            {check.findings.map((finding, index) => <li key={index}>{finding}</li>)}
          </ul>
        </>
      );
  }
}
