// Listens to the keyboard for the whole page and runs the shortcut a key press is.

import { useEffect } from "preact/hooks";
import type { AppModels } from "./app_models.ts";
import { type KeyPlace, ShortcutReader } from "./shortcuts.ts";

export function useShortcuts(models: AppModels): void {
  useEffect(() => {
    const { commands, router, layout } = models;
    const undo = [
      commands.register("new", () => router.go({ name: "new" })),
      commands.register("go-fleet", () => router.go({ name: "fleet" })),
      commands.register("go-settings", () => router.go({ name: "settings" })),
      commands.register("list-toggle", () => layout.toggleList()),
      commands.register("help", () => {
        layout.helpOpen.value = true;
      }),
      commands.register("stop-all", () => {
        layout.askStopAll.value = true;
      }),
    ];
    const reader = new ShortcutReader(Date.now);
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || document.querySelector("dialog[open]") !== null) return;
      const place = placeOf(event.target);
      const showsChanges = commands.has("changes-next-file");
      const id = reader.read(event, place === "page" && showsChanges ? "changes" : place);
      if (id === undefined) return;
      event.preventDefault();
      commands.run(id);
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
      undo.forEach((each) => each());
    };
  }, []);
}

/** A replay has no use for letters, so only a terminal one can type into counts as one. */
function placeOf(target: EventTarget | null): KeyPlace {
  if (!(target instanceof HTMLElement)) return "page";
  if (target.closest('[data-testid="live-terminal"]') !== null) return "terminal";
  if (target.closest(".xterm") !== null) return "page";
  const isField = target.matches("input:not([type=checkbox]), textarea, select");
  return isField ? "field" : "page";
}
