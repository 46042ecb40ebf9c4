// A session's recording in its details: output, size on disk, and whether it is kept.

import { useModel } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatBytes, formatCount } from "../format.ts";
import { formatPercent } from "../format_money.ts";
import { RecordingUseModel } from "../models/recording_use.ts";
import { Switch } from "../parts/Setting.tsx";

export function SessionRecording({ models, session }: { models: AppModels; session: SessionView }): VNode {
  const recording = useModel(() =>
    new RecordingUseModel({ api: models.api.recordings, sessionId: session.id })
  );
  useEffect(() => void recording.use.load(), [session.revision]);
  const use = recording.use.value.value;
  return (
    <section aria-labelledby="recording-heading" data-testid="session-recording">
      <h2 id="recording-heading">Recording</h2>
      <dl class="facts">
        <div>
          <dt>Output</dt>
          <dd>
            {formatBytes(session.recordedBytes)} ({formatCount(session.recordedBytes)} bytes)
          </dd>
        </div>
        <div>
          <dt>On disk</dt>
          <dd data-testid="stored-bytes">
            {use === undefined ? recording.use.error.value ?? "…" : storedText(use)}
          </dd>
        </div>
      </dl>
      {use !== undefined && (
        <Switch
          id="keep-recording"
          label="Keep"
          note="Never deleted for its age or the size of all recordings; the limit of each recording still holds."
          on={use.keep}
          onChange={(keep) => void recording.keep(keep)}
        />
      )}
      {recording.problem.value && <p class="field-error" role="alert">{recording.problem.value}</p>}
    </section>
  );
}

function storedText({ storedBytes, rawBytes }: { storedBytes: number; rawBytes: number }): string {
  const share = rawBytes > 0
    ? `, ${formatPercent(storedBytes / rawBytes)} of ${formatBytes(rawBytes)} kept`
    : "";
  return formatBytes(storedBytes) + share;
}
