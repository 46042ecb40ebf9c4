// The tab of changes: its code is loaded when it is opened for the first time.

import { useSignal } from "@preact/signals";
import { type ComponentType, type VNode } from "preact";
import { useEffect } from "preact/hooks";
import { errorMessage } from "../api/api_error.ts";
import { ErrorNote, SkeletonRows } from "../parts/Notes.tsx";
import type { SessionTabProps } from "./session_tab_props.ts";

export function ChangesTab({ models, session }: SessionTabProps): VNode {
  const pane = useSignal<{ view: ComponentType<SessionTabProps> } | undefined>(undefined);
  const error = useSignal<string | undefined>(undefined);
  const load = (): void => {
    error.value = undefined;
    import("../changes/ChangesPane.tsx").then(
      ({ ChangesPane }) => {
        pane.value = { view: ChangesPane };
      },
      (thrown) => {
        error.value = errorMessage(thrown);
      },
    );
  };
  useEffect(load, []);
  if (pane.value !== undefined) {
    const { view: Pane } = pane.value;
    return <Pane models={models} session={session} />;
  }
  if (error.value === undefined) return <SkeletonRows count={10} />;
  return (
    <div class="changes">
      <ErrorNote
        what="The diff viewer was not loaded; if the program was updated, load the page again"
        error={error.value}
        onRetry={load}
      />
    </div>
  );
}
