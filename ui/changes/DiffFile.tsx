// One file among the diffs: its head, which stays in sight, and its rows, or why there are none.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import type { FileChange, FileDiff } from "../../server/protocol.ts";
import { formatBytes, formatCount } from "../format.ts";
import { Button } from "../parts/Button.tsx";
import type { ChangesProps, DiffFileProps } from "./changes_props.ts";
import { DiffHead } from "./DiffHead.tsx";
import { DiffRows } from "./DiffRows.tsx";
import { HEAD_PX, ROW_PX } from "./diff_stack.ts";
import { downloadPatch } from "./patch_files.ts";

export function DiffFile(props: DiffFileProps): VNode {
  const { desk, drawn } = props;
  const { file, top, bodyPx } = drawn;
  const isOpen = bodyPx > 0;
  return (
    <section
      class="diff-file"
      aria-label={file.path}
      style={{ top: `${top}px`, height: `${HEAD_PX + bodyPx}px` }}
      data-testid="diff-file"
      data-path={file.path}
      data-open={isOpen}
      data-state={desk.diffs.body(file.id).state}
    >
      <DiffHead {...props} isOpen={isOpen} />
      {isOpen && <Body {...props} />}
    </section>
  );
}

function Body({ desk, drawn, ...props }: DiffFileProps): VNode {
  const { file, bodyPx } = drawn;
  const body = desk.diffs.body(file.id);
  switch (body.state) {
    case "waiting":
      return <Waiting bodyPx={bodyPx} />;
    case "failed":
      return (
        <Note>
          <span role="alert">It was not loaded: {body.message}</span>
          <Button onClick={() => desk.diffs.retry(file.id)}>Try again</Button>
        </Note>
      );
    case "summary":
      return <Summary {...props} desk={desk} file={file} diff={body.diff} />;
    case "text":
      return body.shown.layout.rows === 0
        ? <Note>{file.status === "A" || file.status === "D" ? "An empty file" : sameText(file)}</Note>
        : <DiffRows desk={desk} drawn={drawn} shown={body.shown} />;
  }
}

function sameText({ status, oldMode, newMode }: FileChange): string {
  if (oldMode !== newMode && oldMode !== undefined) return "Only its mode differs";
  if (status === "R" || status === "C") return "The same text under another name";
  return "No line differs";
}

/** The place of rows that come; grey bars only when it takes noticeably long. */
function Waiting({ bodyPx }: { bodyPx: number }): VNode {
  return (
    <div class="diff-waiting skeleton" role="status" aria-label="Loading">
      {Array.from(
        { length: Math.min(12, Math.floor(bodyPx / ROW_PX)) },
        (_, index) => <span key={index} style={{ width: `${20 + (index * 37) % 60}%` }} />,
      )}
    </div>
  );
}

function Note({ children }: { children: ComponentChildren }): VNode {
  return <div class="diff-note">{children}</div>;
}

function Summary(
  { models, session, desk, file, diff }: ChangesProps & { file: FileChange; diff: FileDiff },
): VNode {
  const busy = useSignal(false);
  if (diff.kind === "symlink" || diff.kind === "submodule") return <Values file={file} diff={diff} />;
  return (
    <Note>
      <span>
        {diff.kind === "large" ? "Too large to be shown line by line" : "Binary"}: {sizes(diff)}
        {diff.kind === "large" && file.additions !== undefined &&
          `, ${formatCount(file.additions)} lines added, ${formatCount(file.deletions ?? 0)} removed`}
      </span>
      <Button
        disabled={busy.value}
        onClick={() => {
          busy.value = true;
          void downloadPatch({ models, session, desk }, file).finally(() => {
            busy.value = false;
          });
        }}
      >
        Download the patch
      </Button>
    </Note>
  );
}

function Values({ file, diff }: { file: FileChange; diff: FileDiff }): VNode {
  const what = diff.kind === "symlink" ? "Link to" : "Commit";
  return (
    <Note>
      {diff.oldValue !== undefined && file.status !== "A" && (
        <span class="mono value-old">− {what} {diff.oldValue}</span>
      )}
      {diff.newValue !== undefined && file.status !== "D" && (
        <span class="mono value-new">+ {what} {diff.newValue}</span>
      )}
    </Note>
  );
}

function sizes({ oldBytes, newBytes }: FileDiff): string {
  if (oldBytes === undefined) {
    return newBytes === undefined ? "no size known" : `${formatBytes(newBytes)}, new`;
  }
  if (newBytes === undefined) return `${formatBytes(oldBytes)} before, gone now`;
  return `${formatBytes(oldBytes)} before, ${formatBytes(newBytes)} now`;
}
