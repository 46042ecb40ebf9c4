// Putting files back: what would happen, the question, and the way back; in place, above the diffs.

import { useSignal } from "@preact/signals";
import { Undo2, X } from "lucide";
import type { ComponentChildren, VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { RevertPlan } from "../../server/protocol.ts";
import { formatPlural } from "../format.ts";
import type { RevertState } from "../models/revert.ts";
import { Button, IconButton } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";
import type { ChangesProps } from "./changes_props.ts";
import { snapshotLabel } from "./snapshot_names.ts";

const SHOWN_FILES = 200;
const ACTIONS: Record<RevertPlan["files"][number]["action"], string> = {
  restore: "comes back",
  overwrite: "is overwritten",
  remove: "is removed",
  skip: "stays",
};

export function RevertPanel(props: ChangesProps): VNode | null {
  const { revert } = props.desk;
  const state = revert.state.value;
  switch (state.step) {
    case "none":
      return null;
    case "planning":
      return <Panel onClose={revert.close}>Looking at what would be put back…</Panel>;
    case "asking":
    case "working":
      return <Question {...props} state={state} />;
    case "done":
    case "undoing":
      return <Done {...props} state={state} />;
    case "failed":
      return (
        <Panel onClose={revert.close} tone="red">
          <span role="alert">Nothing more was put back: {state.message}</span>
          {state.wish !== undefined && (
            <Button onClick={() => state.wish && void revert.plan(state.wish)}>Look again</Button>
          )}
        </Panel>
      );
  }
}

function Panel(
  { children, onClose, tone }: { children: ComponentChildren; onClose(): void; tone?: string },
): VNode {
  return (
    <section
      class={`revert tone-${tone ?? "amber"}`}
      aria-label="Putting files back"
      data-testid="revert-panel"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <Icon node={Undo2} />
      <div class="revert-content">{children}</div>
      <IconButton icon={X} label="Close" onClick={onClose} />
    </section>
  );
}

type Asked = Extract<RevertState, { step: "asking" | "working" }>;

function Question(props: ChangesProps & { state: Asked }): VNode {
  const { desk: { revert }, state } = props;
  const { plan } = state;
  const confirmed = useSignal(false);
  const isWorking = state.step === "working";
  const doing = plan.files.filter(({ action }) => action !== "skip").length;
  return (
    <Panel onClose={revert.close}>
      {"note" in state && state.note !== undefined && <p role="alert">{state.note}</p>}
      <Target {...props} />
      {plan.files.length === 0
        ? <p>Nothing differs from it: there is nothing to put back.</p>
        : <Plan plan={plan} />}
      {plan.running && doing > 0 && (
        <label class="revert-running">
          <input
            type="checkbox"
            checked={confirmed.value}
            disabled={isWorking}
            data-testid="revert-running"
            onChange={(event) => {
              confirmed.value = event.currentTarget.checked;
            }}
          />
          A session is running here and may be writing these files: do it all the same
        </label>
      )}
      <div class="revert-acts">
        <Button
          variant="danger"
          disabled={isWorking || doing === 0 || (plan.running && !confirmed.value)}
          testId="revert-confirm"
          onClick={() => void revert.confirm(confirmed.value)}
        >
          {isWorking ? "Putting back…" : `Put ${formatPlural(doing, "file")} back`}
        </Button>
        <Button variant="ghost" onClick={revert.close}>Cancel</Button>
        <span class="muted">
          The state of now is kept as a snapshot first. Commits and the index stay as they are.
        </span>
      </div>
    </Panel>
  );
}

/** Where to: what is asked first has the focus. */
function Target({ models, desk, state: { step, wish } }: ChangesProps & { state: Asked }): VNode {
  const start = useRef<HTMLSelectElement>(null);
  useLayoutEffect(() => start.current?.focus(), []);
  const snapshots = desk.snapshots.value.value?.items.filter(({ state }) => state === "taken") ?? [];
  return (
    <label class="revert-target">
      Put {wish.files === undefined ? "everything" : "this file"} back to
      <select
        ref={start}
        class="select"
        value={String(wish.to)}
        disabled={step === "working"}
        data-testid="revert-to"
        onChange={(event) => void desk.revert.plan({ ...wish, to: Number(event.currentTarget.value) })}
      >
        {snapshots.map((each) => (
          <option key={each.id} value={String(each.id)}>
            {snapshotLabel(each, models.clock.nowMs.peek())}
          </option>
        ))}
      </select>
    </label>
  );
}

function Plan({ plan }: { plan: RevertPlan }): VNode {
  const rest = plan.files.length - SHOWN_FILES;
  return (
    <ul class="revert-plan" data-testid="revert-plan" tabIndex={0} aria-label="What would happen">
      {plan.files.slice(0, SHOWN_FILES).map(({ id, path, action, note }) => (
        <li key={id}>
          <span class="mono">{path}</span>{" "}
          <span class={`revert-action revert-${action}`}>{ACTIONS[action]}</span>
          {note !== undefined && <span class="muted">: {note}</span>}
        </li>
      ))}
      {rest > 0 && <li class="muted">and {formatPlural(rest, "more file")}</li>}
    </ul>
  );
}

type Finished = Extract<RevertState, { step: "done" | "undoing" }>;

function Done({ desk: { revert, changes }, state }: ChangesProps & { state: Finished }): VNode {
  const { result, isUndo } = state;
  const list = changes.list.value;
  return (
    <Panel onClose={revert.close} tone={result.failed.length > 0 ? "red" : "green"}>
      <p role="status" data-testid="revert-done">
        {isUndo ? "The revert was taken back: " : ""}
        {formatPlural(result.done, "file")}{" "}
        put back{result.failed.length > 0 && `, ${result.failed.length} not`}.
      </p>
      {result.failed.length > 0 && (
        <ul class="revert-plan">
          {result.failed.map(({ path, message }) => (
            <li key={path}>
              <span class="mono">{path}</span>: {message}
            </li>
          ))}
        </ul>
      )}
      <div class="revert-acts">
        <Button
          icon={Undo2}
          disabled={state.step === "undoing"}
          testId="revert-undo"
          onClick={() => void revert.undo()}
        >
          {isUndo ? "Revert again" : "Undo"}
        </Button>
        {list !== undefined && list.to !== "now" && (
          <>
            <Button
              variant="ghost"
              testId="compare-now"
              onClick={() => changes.compare({ from: list.from, to: "now" })}
            >
              Compare with now
            </Button>
            <span class="muted">Two snapshots are compared below: they stay as they are.</span>
          </>
        )}
      </div>
    </Panel>
  );
}
