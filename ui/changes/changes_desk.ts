// Everything behind the tab of changes, made for one session and ended with the tab.

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { FileChange } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { type Changes, ChangesModel } from "../models/changes.ts";
import { ChangesWatchModel } from "../models/changes_watch.ts";
import { type DiffLook, DiffLookModel } from "../models/diff_look.ts";
import { FileFolds } from "../models/file_folds.ts";
import { type Revert, RevertModel } from "../models/revert.ts";
import { type Snapshots, SnapshotsModel } from "../models/snapshots.ts";
import { ViewedFiles } from "../models/viewed_files.ts";
import { DiffEngine, type WorkerLike } from "./diff_engine.ts";
import { DiffViewport } from "./diff_viewport.ts";
import { FileDiffs } from "./file_diffs.ts";

export interface ChangesDesk {
  snapshots: Snapshots;
  changes: Changes;
  /** Both of them. */
  reload(): void;
  look: DiffLook;
  viewed: ViewedFiles;
  folds: FileFolds;
  revert: Revert;
  diffs: FileDiffs;
  viewport: DiffViewport;
  /** Where the page of diffs is to be scrolled to, until it is. */
  scrollTo: { value: number | undefined };
  /** A file that was asked for, by click, key or address. */
  showFile(file: FileChange): void;
  [Symbol.dispose](): void;
}

export interface ChangesDeskOptions {
  models: Pick<AppModels, "api" | "socket" | "router" | "toasts">;
  sessionId: string;
  store: Storage;
  isVisible: ReadonlySignal<boolean>;
  /** The screen is as small as a phone's. */
  isNarrow: ReadonlySignal<boolean>;
  widthPx: ReadonlySignal<number>;
  startWorker(): WorkerLike;
  nextFrame(work: () => void): void;
}

export function createChangesDesk(options: ChangesDeskOptions): ChangesDesk {
  const { models, sessionId, store } = options;
  const { router, toasts } = models;
  const api = models.api.changes;
  const snapshots = new SnapshotsModel({
    ...{ api, sessionId },
    onError: (text) => toasts.show({ tone: "error", text }),
  });
  const isReady = computed(() =>
    snapshots.error.value !== undefined ||
    (snapshots.value.value?.items.some(({ state }) => state === "taken") ?? false)
  );
  const changes = new ChangesModel({ api, sessionId, router, isReady, now: Date.now });
  const reload = (): void => {
    void snapshots.load();
    void changes.reload();
  };
  const look = new DiffLookModel({ store, isNarrow: options.isNarrow, widthPx: options.widthPx });
  const viewed = new ViewedFiles({ store, sessionId });
  const folds = new FileFolds({
    files: changes.files,
    isViewed: (file) => viewed.has(file),
  });
  const revert = new RevertModel({ api, sessionId, onDone: reload });
  const engine: DiffEngine = new DiffEngine({
    startWorker: () => options.startWorker(),
    onLines: (came) => diffs.takeLines(came),
    onLost: (message) => diffs.loseTexts(message),
  });
  const diffs: FileDiffs = new FileDiffs({ api, sessionId, engine, nextFrame: once(options.nextFrame) });
  const viewport = new DiffViewport({ files: changes.files, diffs, isOpen: (file) => folds.isOpen(file) });
  const watch = new ChangesWatchModel({
    ...{ socket: models.socket, sessionId, isVisible: options.isVisible, isLive: changes.isLive },
    onChange: (snapshot) => {
      if (snapshot !== undefined) void snapshots.load();
      changes.hear(snapshot);
    },
    onReturn: reload,
  });
  const scrollTo = signal<number | undefined>(undefined);
  const showFile = (file: FileChange): void => {
    if (!folds.isOpen(file)) folds.set(file, true);
    changes.select(file);
    scrollTo.value = viewport.jumpToFile(file.id);
  };
  const ends = [followList({ changes, look, diffs }), followAddress({ changes, viewport, scrollTo })];
  void snapshots.load();
  return {
    ...{ snapshots, changes, reload, look, viewed, folds, revert, diffs, viewport, scrollTo, showFile },
    [Symbol.dispose](): void {
      ends.forEach((end) => end());
      for (const part of [watch, diffs, engine, revert, look, changes, snapshots]) part[Symbol.dispose]();
    },
  };
}

/** What is listed is what diffs are loaded of. */
function followList({ changes, look, diffs }: Pick<ChangesDesk, "changes" | "look" | "diffs">): () => void {
  const endList = effect(() => {
    const list = changes.list.value;
    const ignoreWhitespace = look.ignoreWhitespace.value;
    if (list === undefined) return;
    const { from, to, fromTree, toTree, files } = list;
    diffs.setSource({
      key: `${fromTree} ${toTree} ${ignoreWhitespace}`,
      ...{ pair: { from, to }, ignoreWhitespace, files },
    });
  });
  const endView = effect(() => diffs.setView(look.view.value));
  return () => {
    endList();
    endView();
  };
}

/** A file in the address is shown once, when the list has come. */
function followAddress(
  { changes, viewport, scrollTo }: Pick<ChangesDesk, "changes" | "viewport" | "scrollTo">,
): () => void {
  let isDone = false;
  return effect(() => {
    const { selected, files } = changes;
    if (isDone || changes.list.value === undefined) return;
    isDone = true;
    const file = files.value.find(({ id }) => id === selected.value);
    if (file !== undefined) scrollTo.value = viewport.jumpToFile(file.id);
  });
}

/** Several wishes until the next picture are one. */
function once(nextFrame: (work: () => void) => void): (work: () => void) => void {
  let waiting = false;
  return (work) => {
    if (waiting) return;
    waiting = true;
    nextFrame(() => {
      waiting = false;
      work();
    });
  };
}
