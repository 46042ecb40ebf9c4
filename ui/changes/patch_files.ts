// Patches of changed files, for the clipboard and as files.

import type { FileChange, SessionView } from "../../server/protocol.ts";
import { errorMessage } from "../api/api_error.ts";
import { type AppModels, saveFile } from "../app_models.ts";
import type { ChangesDesk } from "./changes_desk.ts";

export interface PatchPlace {
  models: Pick<AppModels, "api" | "toasts">;
  session: SessionView;
  desk: Pick<ChangesDesk, "changes">;
}

/** Of one file, or of all. Never rejects. */
export async function downloadPatch({ models, session, desk }: PatchPlace, file?: FileChange): Promise<void> {
  const { api, toasts } = models;
  try {
    const patch = await api.changes.getPatch(session.id, { ...desk.changes.pair.value, file: file?.id });
    const name = file?.path.split("/").at(-1)?.replaceAll(/[^\w.-]/g, "_") ?? `session-${session.id}`;
    saveFile(`${name}.patch`, patch);
  } catch (thrown) {
    toasts.show({ tone: "error", text: `The patch was not downloaded: ${errorMessage(thrown)}` });
  }
}

const MAX_COPIED_BYTES = 10_000_000;

/** Never rejects. */
export async function copyPatch({ models, session, desk }: PatchPlace, file: FileChange): Promise<void> {
  const { api, toasts } = models;
  try {
    const patch = await api.changes.getPatch(session.id, { ...desk.changes.pair.value, file: file.id });
    if (patch.size > MAX_COPIED_BYTES) throw new RangeError("it is too large for the clipboard: download it");
    await navigator.clipboard.writeText(await patch.text());
    toasts.show({ tone: "success", text: "Patch copied" });
  } catch (thrown) {
    toasts.show({ tone: "error", text: `The patch was not copied: ${errorMessage(thrown)}` });
  }
}
