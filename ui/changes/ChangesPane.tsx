// The tab of changes: bar, tree, diffs. Loaded when the tab is opened for the first time.

import { type ReadonlySignal, useSignal } from "@preact/signals";
import { Camera } from "lucide";
import type { RefObject, VNode } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { ChangeList, SnapshotList } from "../../server/protocol.ts";
import { Button } from "../parts/Button.tsx";
import { EmptyNote, ErrorNote, SkeletonRows } from "../parts/Notes.tsx";
import { isLive } from "../session_status.ts";
import type { SessionTabProps } from "../views/session_tab_props.ts";
import { createChangesDesk } from "./changes_desk.ts";
import type { ChangesProps } from "./changes_props.ts";
import { ChangesBar } from "./ChangesBar.tsx";
import { ChangesSide } from "./ChangesSide.tsx";
import { DiffScroll } from "./DiffScroll.tsx";
import { RevertPanel } from "./RevertPanel.tsx";
import { startDiffWorker } from "./start_worker.ts";
import { useChangesKeys } from "./use_changes_keys.ts";

export function ChangesPane({ models, session }: SessionTabProps): VNode {
  const isVisible = useSignal(document.visibilityState === "visible");
  const isNarrow = useNarrow();
  const { room, widthPx } = useWidth();
  const desk = useMemo(() =>
    createChangesDesk({
      models,
      sessionId: session.id,
      store: localStorage,
      isVisible,
      isNarrow,
      widthPx,
      startWorker: () => startDiffWorker(document),
      nextFrame: (work) => requestAnimationFrame(work),
    }), []);
  useEffect(() => {
    const follow = (): void => {
      isVisible.value = document.visibilityState === "visible";
    };
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      desk[Symbol.dispose]();
    };
  }, []);
  // A session that ends has its last snapshot a moment later: the server says so, this is for when it cannot.
  useEffect(() => {
    if (desk.changes.list.value !== undefined) desk.reload();
  }, [isLive(session)]);
  useChangesKeys(models, desk);
  return (
    <div class="changes-room" ref={room}>
      <ChangesView models={models} session={session} desk={desk} />
    </div>
  );
}

function useNarrow(): ReadonlySignal<boolean> {
  const media = useMemo(() => matchMedia("(max-width: 600px)"), []);
  const isNarrow = useSignal(media.matches);
  useEffect(() => {
    const follow = (): void => {
      isNarrow.value = media.matches;
    };
    media.addEventListener("change", follow);
    return () => media.removeEventListener("change", follow);
  }, []);
  return isNarrow;
}

function useWidth(): { room: RefObject<HTMLDivElement | null>; widthPx: ReadonlySignal<number> } {
  const room = useRef<HTMLDivElement>(null);
  const widthPx = useSignal(innerWidth);
  useLayoutEffect(() => {
    if (room.current === null) return;
    widthPx.value = room.current.clientWidth;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) widthPx.value = entry.contentRect.width;
    });
    observer.observe(room.current);
    return () => observer.disconnect();
  }, []);
  return { room, widthPx };
}

function ChangesView({ models, session, desk }: ChangesProps): VNode {
  const { changes } = desk;
  const list = changes.list.value;
  const { unavailable } = desk.snapshots.value.value ?? {};
  if (list === undefined && unavailable !== undefined) {
    return <Unavailable models={models} session={session} desk={desk} unavailable={unavailable} />;
  }
  const isBeginning = list === undefined && desk.snapshots.value.value?.capturing === true;
  const error = isBeginning ? undefined : changes.error.value ?? desk.snapshots.error.value;
  return (
    <div class="changes" data-testid="changes" aria-busy={changes.loading.value}>
      <ChangesBar models={models} session={session} desk={desk} />
      <RevertPanel models={models} session={session} desk={desk} />
      {error !== undefined && (
        <ErrorNote
          what={list === undefined
            ? "The changes were not loaded"
            : "The changes may be old: they were not loaded again"}
          error={error}
          onRetry={() => desk.reload()}
        />
      )}
      {isBeginning && (
        <EmptyNote title="The state of the beginning is being kept">
          Changes show when that is done; in a large repository it takes a while.
        </EmptyNote>
      )}
      {list !== undefined && <Comparison models={models} session={session} desk={desk} list={list} />}
      {list === undefined && error === undefined && !isBeginning && <SkeletonRows count={10} />}
    </div>
  );
}

function Comparison({ models, session, desk, list }: ChangesProps & { list: ChangeList }): VNode {
  const { changes, look } = desk;
  const hasNothing = list.files.length === 0 && list.commits.length === 0 && list.notes.length === 0;
  const same = isLive(session) && changes.isLive.value
    ? "What the session changes in its work tree appears here as it happens."
    : "The work tree is the same in both snapshots.";
  if (hasNothing) {
    return (
      <EmptyNote title="Nothing differs">
        {same}
        {(changes.place.value.from ?? changes.place.value.to) !== undefined && (
          <Button onClick={() => changes.compare({})}>Compare everything since the start</Button>
        )}
      </EmptyNote>
    );
  }
  return (
    <div class="changes-body" style={{ "--tree-px": `${look.treePx.value}px` }}>
      {look.treeShown.value && <ChangesSide models={models} session={session} desk={desk} list={list} />}
      {changes.files.value.length === 0
        ? (
          <EmptyNote title={list.files.length === 0 ? "No file differs" : "No file matches the filter"}>
            {list.files.length === 0 &&
              (list.commits.length > 0 ? "What was committed in between left every file as it was." : same)}
          </EmptyNote>
        )
        : <DiffScroll models={models} session={session} desk={desk} />}
    </div>
  );
}

const TITLES: Record<NonNullable<SnapshotList["unavailable"]>["reason"], string> = {
  no_repository: "Not a git repository",
  no_git: "Git was not found",
  off: "Snapshots are off",
  refused: "This repository is not looked at",
  no_baseline: "No snapshot of the beginning",
};

function Unavailable(
  { session, desk, unavailable: { reason, message } }: ChangesProps & {
    unavailable: NonNullable<SnapshotList["unavailable"]>;
  },
): VNode {
  const { snapshots } = desk;
  const canBegin = isLive(session) && (reason === "off" || reason === "no_baseline");
  return (
    <div class="changes" data-testid="changes">
      <EmptyNote title={TITLES[reason]}>
        <span data-testid="changes-unavailable">{message}</span>
        {canBegin && (
          <>
            <Button
              icon={Camera}
              disabled={snapshots.taking.value}
              testId="begin-snapshots"
              onClick={() => void snapshots.take()}
            >
              {snapshots.taking.value ? "Taking it…" : "Take a snapshot now"}
            </Button>
            <span>What changes from then on is shown.</span>
          </>
        )}
      </EmptyNote>
    </div>
  );
}
