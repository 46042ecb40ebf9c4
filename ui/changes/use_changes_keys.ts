// Gives the keys of the tab of changes something to do while it is on screen.

import { useEffect } from "preact/hooks";
import type { FileChange } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { focusSoon } from "../parts/focus_soon.ts";
import type { ChangesDesk } from "./changes_desk.ts";

export const FILTER_ID = "changes-filter";

export function useChangesKeys({ commands }: Pick<AppModels, "commands">, desk: ChangesDesk): void {
  useEffect(() => {
    const { look } = desk;
    const undo = [
      commands.register("changes-next-file", () => moveToFile(desk, 1)),
      commands.register("changes-previous-file", () => moveToFile(desk, -1)),
      commands.register("changes-next", () => moveToChange(desk, 1)),
      commands.register("changes-previous", () => moveToChange(desk, -1)),
      commands.register("changes-view", () => look.toggleView()),
      commands.register("changes-viewed", () => tickCurrent(desk)),
      commands.register("changes-fold", () => {
        const file = currentFile(desk);
        if (file !== undefined) desk.folds.toggle(file);
      }),
      commands.register("changes-whitespace", () => {
        look.ignoreWhitespace.value = !look.ignoreWhitespace.value;
      }),
      commands.register("changes-filter", () => {
        look.showTree(true);
        focusSoon(() => document.getElementById(FILTER_ID));
      }),
    ];
    return () => undo.forEach((each) => each());
  }, []);
}

/** Ticks a file as viewed, or not any more; it closes and opens with its tick. */
export function toggleViewed({ viewed, folds }: ChangesDesk, file: FileChange): void {
  viewed.toggle(file);
  folds.follow(file);
}

function currentFile({ changes, viewport }: ChangesDesk): FileChange | undefined {
  const id = viewport.cursor.value?.id ?? viewport.currentId.value;
  return changes.files.value.find((file) => file.id === id);
}

function moveToFile(desk: ChangesDesk, by: 1 | -1): void {
  const { changes, viewport } = desk;
  const files = changes.files.value;
  const at = files.findIndex(({ id }) => id === viewport.currentId.value);
  const next = files[Math.max(0, Math.min(files.length - 1, at + by))];
  if (next === undefined) return;
  changes.select(next);
  desk.scrollTo.value = viewport.jumpToFile(next.id);
}

function moveToChange(desk: ChangesDesk, by: 1 | -1): void {
  const top = desk.viewport.jumpToChange(by);
  if (top !== undefined) desk.scrollTo.value = top;
}

/** On to the next file: what was viewed is done with. */
function tickCurrent(desk: ChangesDesk): void {
  const file = currentFile(desk);
  if (file === undefined) return;
  const wasViewed = desk.viewed.has(file);
  toggleViewed(desk, file);
  if (!wasViewed) moveToFile(desk, 1);
}
