// Beside the diffs: the tree of files with its filter, the commits, and what is left out.

import { useSignal } from "@preact/signals";
import { GitCommitHorizontal, Info, Search } from "lucide";
import type { VNode } from "preact";
import type { ChangeList, CommitView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatPlural } from "../format.ts";
import { Icon } from "../parts/Icon.tsx";
import { Age } from "../parts/Times.tsx";
import type { ChangesProps } from "./changes_props.ts";
import { FileTree } from "./FileTree.tsx";
import { PaneResizer } from "./PaneResizer.tsx";
import { FILTER_ID } from "./use_changes_keys.ts";

export function ChangesSide(props: ChangesProps & { list: ChangeList }): VNode {
  const { models, desk, list } = props;
  const { changes } = desk;
  return (
    <aside class="changes-side" aria-label="Changed files">
      <div class="changes-filter search-box">
        <Icon node={Search} size={14} />
        <input
          id={FILTER_ID}
          type="search"
          class="search-input"
          placeholder="Filter files"
          aria-label="Filter files"
          title="Filter files (F)"
          data-testid="changes-filter"
          value={changes.filter.value}
          onInput={(event) => {
            changes.filter.value = event.currentTarget.value;
          }}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            changes.filter.value = "";
            leaveFilter(event.currentTarget);
          }}
        />
      </div>
      {changes.files.value.length === 0
        ? <p class="changes-none muted">{list.files.length === 0 ? "No file differs" : "No file matches"}</p>
        : <FileTree models={models} desk={desk} />}
      {list.commits.length > 0 && <Commits commits={list.commits} models={models} />}
      {list.notes.length > 0 && <LeftOut notes={list.notes} />}
      <PaneResizer look={desk.look} />
    </aside>
  );
}

/** On to the tree, where the keys go on working; once it shows all files again. */
function leaveFilter(field: HTMLInputElement): void {
  requestAnimationFrame(() => {
    const tree = field.closest("aside")?.querySelector('[role="tree"]');
    const row = tree?.querySelector<HTMLElement>('[tabindex="0"]') ?? tree?.querySelector("[role=treeitem]");
    if (row instanceof HTMLElement) row.focus();
    else field.blur();
  });
}

const FIRST_COMMITS = 20;

function Commits({ commits, models }: { commits: readonly CommitView[]; models: AppModels }): VNode {
  const showAll = useSignal(false);
  const shown = showAll.value ? commits : commits.slice(0, FIRST_COMMITS);
  const copy = async (hash: string): Promise<void> => {
    await navigator.clipboard.writeText(hash);
    models.toasts.show({ tone: "success", text: "Commit copied" });
  };
  return (
    <details class="changes-commits" open data-testid="changes-commits">
      <summary>{formatPlural(commits.length, "commit")} in between</summary>
      <ul>
        {shown.map(({ hash, subject, authorName, authoredAtMs }) => (
          <li key={hash}>
            <Icon node={GitCommitHorizontal} size={14} />
            <span class="commit-subject" title={`${subject}\n${authorName}`}>{subject}</span>
            <button
              type="button"
              class="commit-hash mono"
              title={`Copy ${hash}`}
              aria-label={`Copy the commit ${hash.slice(0, 8)}`}
              onClick={() => void copy(hash)}
            >
              {hash.slice(0, 8)}
            </button>
            <Age atMs={authoredAtMs} clock={models.clock} />
          </li>
        ))}
      </ul>
      {shown.length < commits.length && (
        <button
          type="button"
          class="text-link bare"
          onClick={() => {
            showAll.value = true;
          }}
        >
          Show all {commits.length}
        </button>
      )}
    </details>
  );
}

function LeftOut({ notes }: { notes: readonly string[] }): VNode {
  return (
    <details class="changes-notes" open={notes.length <= 3} data-testid="changes-notes">
      <summary>
        <Icon node={Info} size={14} /> {formatPlural(notes.length, "note")}
      </summary>
      <ul>{notes.map((note) => <li key={note}>{note}</li>)}</ul>
    </details>
  );
}
