// Asks before anything leaves the machine: to which host what goes, how much of it is masked, and the exact text.

import { Send, X } from "lucide";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { SummaryPreview } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatBytes, formatPlural } from "../format.ts";
import { formatExactUsd, formatUsd } from "../format_money.ts";
import type { Summaries } from "../models/summaries.ts";
import { Button, IconButton } from "../parts/Button.tsx";
import { Link } from "../parts/Link.tsx";
import { ErrorNote, SkeletonRows } from "../parts/Notes.tsx";

export function SummaryDialog({ models, summaries }: { models: AppModels; summaries: Summaries }): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const asking = summaries.asking.value;
  const ready = asking?.state === "ready" ? asking.preview : undefined;
  useEffect(() => {
    if (ready) dialog.current?.querySelector<HTMLElement>(".button-primary")?.focus();
  }, [ready?.id]);
  return (
    <dialog
      ref={dialog}
      class="summary-dialog"
      aria-labelledby="summary-dialog-heading"
      data-testid="summary-dialog"
      onClose={() => summaries.dismiss()}
    >
      <div class="help-head">
        <h2 id="summary-dialog-heading">Send this to a model?</h2>
        <IconButton icon={X} label="Close" onClick={() => dialog.current?.close()} />
      </div>
      {asking?.state === "loading" && <SkeletonRows count={3} />}
      {asking?.state === "failed" && (
        <ErrorNote
          what="There is nothing to send"
          error={asking.error}
          onRetry={() => void summaries.ask()}
        />
      )}
      {ready && <Preview preview={ready} models={models} />}
      <div class="summary-dialog-foot">
        <Button variant="ghost" onClick={() => dialog.current?.close()}>Cancel</Button>
        <Button
          variant="primary"
          icon={Send}
          disabled={ready === undefined || ready.refused !== undefined}
          testId="summary-send"
          onClick={() => void summaries.send()}
        >
          {ready === undefined ? "Send" : `Send to ${ready.host}`}
        </Button>
      </div>
    </dialog>
  );
}

function Preview({ preview, models }: { preview: SummaryPreview; models: AppModels }): VNode {
  const { text, refused } = preview;
  return (
    <>
      <Facts preview={preview} />
      {refused !== undefined && (
        <div class="note note-error" role="alert">
          <div class="note-text">
            <strong>A budget is in the way</strong>
            <span>{refused}</span>
          </div>
          <Link to={{ name: "settings", section: "budgets" }} router={models.router} class="text-link">
            Budgets
          </Link>
        </div>
      )}
      <details class="summary-exact">
        <summary data-testid="summary-exact">The exact text</summary>
        <pre tabIndex={0} data-testid="summary-exact-text">{text}</pre>
      </details>
    </>
  );
}

function Facts({ preview }: { preview: SummaryPreview }): VNode {
  const { name, host, model, bytes, maskedSecrets, maxCostNanoUsd, parts } = preview;
  return (
    <dl class="facts" data-testid="summary-facts">
      <div>
        <dt>Host</dt>
        <dd>
          <strong>{host}</strong>
          {` (${name})`}
        </dd>
      </div>
      <div>
        <dt>Model</dt>
        <dd class="mono">{model}</dd>
      </div>
      <div>
        <dt>Text</dt>
        <dd>{`${formatBytes(bytes)}: ${parts.map(partText).join(", ")}`}</dd>
      </div>
      <div>
        <dt>Masked</dt>
        <dd>
          {maskedSecrets === 0
            ? "Nothing looks like a key or a password. Look through the text all the same"
            : `${
              formatPlural(maskedSecrets, "key or password", "keys and passwords")
            }, as far as they look like one`}
        </dd>
      </div>
      <div>
        <dt>Cost</dt>
        <dd title={formatExactUsd(maxCostNanoUsd)}>
          {`at most ${formatUsd(maxCostNanoUsd)}, of the fleet's budgets and not of this session's`}
        </dd>
      </div>
    </dl>
  );
}

function partText({ name, bytes, shortened }: SummaryPreview["parts"][number]): string {
  return `${name.toLowerCase()} ${formatBytes(bytes)}${shortened ? " (shortened)" : ""}`;
}
