// The head of a file among the diffs: what became of it, its tick, and what can be done with it.

import { ChevronDown, ChevronRight, Copy, Download, Ellipsis, KeyRound, Undo2, Users } from "lucide";
import type { VNode } from "preact";
import type { FileChange } from "../../server/protocol.ts";
import { formatPlural } from "../format.ts";
import { IconButton } from "../parts/Button.tsx";
import { LineCounts, StatusLetter } from "../parts/ChangeMarks.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { Menu, type MenuItem } from "../parts/Menu.tsx";
import type { DiffFileProps } from "./changes_props.ts";
import { copyPatch, downloadPatch } from "./patch_files.ts";
import { toggleViewed } from "./use_changes_keys.ts";

export function DiffHead(props: DiffFileProps & { isOpen: boolean }): VNode {
  const { desk, drawn: { file }, isOpen } = props;
  const isViewed = desk.viewed.has(file);
  return (
    <div class="diff-head">
      <IconButton
        icon={isOpen ? ChevronDown : ChevronRight}
        label={`${isOpen ? "Close" : "Open"} ${file.path}`}
        expanded={isOpen}
        testId="diff-fold"
        onClick={() => desk.folds.toggle(file)}
      />
      <StatusLetter file={file} />
      <Path file={file} />
      <LineCounts additions={file.additions} deletions={file.deletions} />
      <Facts {...props} />
      <Secrets {...props} />
      <label class="diff-viewed" title="Ticks the file as viewed and closes it (X)">
        <input
          type="checkbox"
          checked={isViewed}
          data-testid="viewed"
          onChange={() => toggleViewed(desk, file)}
        />
        <span class="wide-only">Viewed</span>
        <span class="visually-hidden">{file.path}</span>
      </label>
      <Menu icon={Ellipsis} label={`More for ${file.path}`} testId="diff-menu" items={menuItems(props)} />
    </div>
  );
}

function Path({ file }: { file: FileChange }): VNode {
  const cut = file.path.lastIndexOf("/") + 1;
  return (
    <span class="diff-path mono" title={file.path}>
      {file.oldPath !== undefined && file.oldPath !== file.path && (
        <span class="diff-directory">{`${file.oldPath} → `}</span>
      )}
      <span class="diff-directory">{file.path.slice(0, cut)}</span>
      <strong>{file.path.slice(cut)}</strong>
    </span>
  );
}

/** What is special about it, in words. */
function Facts({ desk, drawn: { file }, isOpen, models }: DiffFileProps & { isOpen: boolean }): VNode {
  const { oldMode, newMode, alsoChangedIn } = file;
  const closed = isOpen ? undefined : desk.folds.whyClosed(file);
  return (
    <span class="diff-facts">
      {oldMode !== undefined && newMode !== undefined && oldMode !== newMode && (
        <span title={`Mode ${oldMode} → ${newMode}`}>{modeWords(oldMode, newMode)}</span>
      )}
      {file.generated && <span>generated</span>}
      {file.filtered && (
        <span title="A filter of the repository changes this file on its way into git: here it is as it lies on the disk">
          as on disk
        </span>
      )}
      {closed === "many" && <span>not opened: the page would be too long</span>}
      {alsoChangedIn?.map(({ sessionId, title }) => (
        <span key={sessionId} class="diff-shared" title="Both sessions touched this file while they ran">
          <Icon node={Users} size={12} /> also in{" "}
          <Link
            to={{ name: "session", id: sessionId, tab: "changes" }}
            router={models.router}
            class="text-link"
          >
            {title}
          </Link>
        </span>
      ))}
    </span>
  );
}

function modeWords(oldMode: string, newMode: string): string {
  if (oldMode === "100644" && newMode === "100755") return "now executable";
  if (oldMode === "100755" && newMode === "100644") return "no longer executable";
  return `mode ${oldMode} → ${newMode}`;
}

function Secrets({ desk, drawn: { file } }: DiffFileProps): VNode | null {
  void desk.diffs.version.value;
  const masked = desk.diffs.shown(file.id)?.masked ?? 0;
  if (masked === 0) return null;
  return (
    <button
      type="button"
      class="diff-secrets"
      title="What looks like a key or a password is hidden"
      data-testid="show-secrets"
      onClick={() => desk.diffs.showSecrets(file.id)}
    >
      <Icon node={KeyRound} size={12} /> {formatPlural(masked, "secret")}
      <span class="wide-only">hidden: show</span>
    </button>
  );
}

function menuItems(props: DiffFileProps): MenuItem[] {
  const { models, desk, drawn: { file } } = props;
  const from = desk.changes.list.value?.from;
  return [
    {
      label: "Copy path",
      icon: Copy,
      testId: "copy-path",
      onSelect: () =>
        void navigator.clipboard.writeText(file.path)
          .then(() => models.toasts.show({ tone: "success", text: "Path copied" })),
    },
    { label: "Copy patch", icon: Copy, testId: "copy-patch", onSelect: () => void copyPatch(props, file) },
    { label: "Download patch", icon: Download, onSelect: () => void downloadPatch(props, file) },
    {
      label: "Put this file back…",
      icon: Undo2,
      danger: true,
      disabled: from === undefined,
      testId: "revert-file",
      onSelect: () => {
        if (from !== undefined) void desk.revert.plan({ to: from, files: [file.id] });
      },
    },
  ];
}
