// Above the diffs: which two states are compared, how much differs, how it is shown, and what can be done with it.

import {
  ArrowRight,
  Camera,
  ChevronLeft,
  ChevronRight,
  Columns2,
  Download,
  PanelLeft,
  Pilcrow,
  Rows2,
  Undo2,
} from "lucide";
import type { VNode } from "preact";
import type { SnapshotView } from "../../server/protocol.ts";
import type { SnapshotPair } from "../api/changes.ts";
import { formatExact, formatPlural } from "../format.ts";
import { Button, IconButton } from "../parts/Button.tsx";
import { Totals } from "../parts/ChangeMarks.tsx";
import { Icon } from "../parts/Icon.tsx";
import type { DiffLook } from "../models/diff_look.ts";
import { isLive } from "../session_status.ts";
import type { ChangesProps } from "./changes_props.ts";
import { downloadPatch } from "./patch_files.ts";
import { snapshotLabel, stepPair } from "./snapshot_names.ts";

export function ChangesBar(props: ChangesProps): VNode {
  const { desk } = props;
  const { look } = desk;
  return (
    <div class="changes-bar">
      <IconButton
        icon={PanelLeft}
        label="Files"
        pressed={look.treeShown.value}
        onClick={() => {
          look.showTree(!look.treeShown.value);
        }}
      />
      <Pickers {...props} />
      <Summary {...props} />
      <span class="spacer" />
      <Looks desk={desk} />
      <Acts {...props} />
    </div>
  );
}

function Pickers({ models, session, desk }: ChangesProps): VNode | null {
  const { changes } = desk;
  const taken = desk.snapshots.value.value?.items.filter(({ state }) => state === "taken") ?? [];
  const list = changes.list.value;
  const nowMs = models.clock.nowMs.peek();
  // What was edited after an end can be looked at, but is no step of the session.
  const hasNow = isLive(session) || list?.to === "now" || changes.place.value.to === "now";
  const step = (by: 1 | -1): SnapshotPair | undefined =>
    list && stepPair(taken, { current: { from: list.from, to: list.to }, by, hasNow });
  if (taken.length === 0) return null;
  const go = (pair: SnapshotPair | undefined): void => {
    if (pair !== undefined) changes.compare(pair);
  };
  return (
    <div class="changes-pickers" role="group" aria-label="What is compared">
      <IconButton
        icon={ChevronLeft}
        label="Only the step before"
        disabled={step(-1) === undefined}
        testId="changes-step-back"
        onClick={() => go(step(-1))}
      />
      <Picker
        label="From"
        testId="changes-from"
        value={String(list?.from ?? "")}
        options={options(taken, nowMs)}
        onChange={(from) => changes.compare({ from: Number(from), to: changes.place.value.to })}
      />
      <Icon node={ArrowRight} size={14} />
      <Picker
        label="To"
        testId="changes-to"
        value={String(list?.to ?? "")}
        options={[...options(taken, nowMs), ["now", "Now"]]}
        onChange={(to) =>
          changes.compare({ from: changes.place.value.from, to: to === "now" ? "now" : Number(to) })}
      />
      <IconButton
        icon={ChevronRight}
        label="Only the step after"
        disabled={step(1) === undefined}
        testId="changes-step-on"
        onClick={() => go(step(1))}
      />
    </div>
  );
}

function options(taken: readonly SnapshotView[], nowMs: number): (readonly [value: string, text: string])[] {
  return taken.map((snapshot) => [String(snapshot.id), snapshotLabel(snapshot, nowMs)]);
}

function Picker({ label, value, options, testId, onChange }: {
  label: string;
  value: string;
  options: readonly (readonly [value: string, text: string])[];
  testId: string;
  onChange(value: string): void;
}): VNode {
  return (
    <select
      class="select changes-picker"
      aria-label={label}
      value={value}
      data-testid={testId}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      {options.map(([each, text]) => <option key={each} value={each}>{text}</option>)}
    </select>
  );
}

function Summary({ session, desk }: ChangesProps): VNode | null {
  const { changes, viewed } = desk;
  const list = changes.list.value;
  if (list === undefined) return null;
  const ticked = viewed.count(list.files);
  return (
    <span class="changes-summary" role="status" data-testid="changes-summary">
      <Totals totals={list.totals} />
      <span class="number">{formatPlural(list.totals.files, "file")}</span>
      {ticked > 0 && <span class="number muted">{ticked} viewed</span>}
      {changes.isLive.value && isLive(session) && (
        <span
          class="changes-live"
          title={`Follows the work tree while this tab is in front; last looked at ${
            formatExact(changes.loadedAtMs.value)
          }`}
        >
          <span class="chip-dot tone-green" aria-hidden="true" />
          <span class="changes-live-word">live</span>
        </span>
      )}
    </span>
  );
}

function Looks({ desk: { look } }: Pick<ChangesProps, "desk">): VNode {
  return (
    <div class="changes-looks">
      {look.canSplit.value && <Columns look={look} />}
      <IconButton
        icon={Pilcrow}
        label="Ignore white space"
        shortcut="W"
        pressed={look.ignoreWhitespace.value}
        testId="ignore-whitespace"
        onClick={() => {
          look.ignoreWhitespace.value = !look.ignoreWhitespace.value;
        }}
      />
    </div>
  );
}

const VIEWS = [["split", "Side by side", Columns2], ["unified", "One column", Rows2]] as const;

function Columns({ look }: { look: DiffLook }): VNode {
  return (
    <div class="segmented" role="group" aria-label="View">
      {VIEWS.map(([view, name, icon]) => (
        <IconButton
          key={view}
          icon={icon}
          label={name}
          shortcut="V"
          pressed={look.view.value === view}
          testId={`view-${view}`}
          onClick={() => {
            look.setView(view);
          }}
        />
      ))}
    </div>
  );
}

function Acts({ models, session, desk }: ChangesProps): VNode {
  const { changes, snapshots, revert } = desk;
  const list = changes.list.value;
  const isEmpty = list === undefined || list.files.length === 0;
  return (
    <div class="changes-acts">
      <IconButton
        icon={Download}
        label="Download the patch"
        disabled={isEmpty}
        testId="download-patch"
        onClick={() => void downloadPatch({ models, session, desk })}
      />
      <Button
        icon={Camera}
        disabled={snapshots.taking.value}
        title="Keep the work tree as it is now, to compare with or go back to"
        testId="take-snapshot"
        onClick={() => void snapshots.take()}
      >
        {snapshots.taking.value ? "Taking it…" : "Snapshot"}
      </Button>
      <Button
        icon={Undo2}
        disabled={list === undefined}
        title="Put files back to a snapshot; shows first what would happen"
        testId="revert-all"
        onClick={() => list && void revert.plan({ to: list.from })}
      >
        Revert…
      </Button>
    </div>
  );
}
