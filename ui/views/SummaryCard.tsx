// What a session was about, in a title and a few sentences: made on a click, with its cost, its history and its failures.

import { useModel } from "@preact/signals";
import { RotateCw, Sparkles, X } from "lucide";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { SummaryProgress, SummaryView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatBytes, formatPlural } from "../format.ts";
import { formatExactUsd, formatTokens, formatUsd } from "../format_money.ts";
import { type Summaries, SummariesModel } from "../models/summaries.ts";
import { Button } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { ErrorNote } from "../parts/Notes.tsx";
import { Age, Duration } from "../parts/Times.tsx";
import type { SessionTabProps } from "./session_tab_props.ts";
import { SummaryDialog } from "./SummaryDialog.tsx";

export function SummaryCard({ models, session }: SessionTabProps): VNode {
  const { api, socket } = models;
  const summaries = useModel(() =>
    new SummariesModel({
      api: api.artifacts,
      sessionId: session.id,
      onMessage: (listener) => socket.onMessage(listener),
    })
  );
  useEffect(() => void summaries.list.load(), []);
  const list = summaries.list.value.value;
  return (
    <section class="summary" aria-labelledby="summary-heading" data-testid="summary">
      <div class="summary-head">
        <Icon node={Sparkles} size={14} />
        <h2 id="summary-heading">Summary</h2>
        <span class="spacer" />
        {list !== undefined && <Action models={models} summaries={summaries} />}
      </div>
      {list === undefined && summaries.list.error.value !== undefined && (
        <ErrorNote
          what="Summaries were not loaded"
          error={summaries.list.error.value}
          onRetry={() => void summaries.list.load()}
        />
      )}
      <Newest models={models} summaries={summaries} />
      <Failure summaries={summaries} />
      <History models={models} summaries={summaries} />
      {summaries.asking.value !== undefined && <SummaryDialog models={models} summaries={summaries} />}
    </section>
  );
}

interface PartProps {
  models: AppModels;
  summaries: Summaries;
}

function Action({ models, summaries }: PartProps): VNode | null {
  const list = summaries.list.value.value;
  if (list?.generating !== undefined) {
    return <Making progress={list.generating} models={models} onCancel={() => void summaries.giveUp()} />;
  }
  if (list?.setup !== undefined) return null;
  const again = summaries.newest.value !== undefined;
  return (
    <Button
      icon={again ? RotateCw : Sparkles}
      testId="summary-generate"
      onClick={() => void summaries.ask()}
    >
      {again ? "Regenerate" : "Generate"}
    </Button>
  );
}

function Making(
  { progress, models, onCancel }: { progress: SummaryProgress; models: AppModels; onCancel(): void },
): VNode {
  const { model, host, attempt, startedAtMs } = progress;
  return (
    <span class="summary-making" role="status" data-testid="summary-generating">
      <span class="summary-pulse" aria-hidden="true" />
      <span>
        {attempt === 1 ? "Asking " : "Its answer was of no use, asking again: "}
        <span class="mono">{model}</span>
        {` at ${host}`}
      </span>
      <Duration fromMs={startedAtMs} toMs={undefined} clock={models.clock} />
      <Button icon={X} testId="summary-cancel" onClick={onCancel}>Cancel</Button>
    </span>
  );
}

function Newest({ models, summaries }: PartProps): VNode | null {
  const list = summaries.list.value.value;
  const newest = summaries.newest.value;
  if (newest !== undefined) {
    return (
      <div class="summary-text" data-testid="summary-text">
        <h3 class="summary-title">{newest.title}</h3>
        <p>{newest.text}</p>
        <Facts summary={newest} models={models} />
      </div>
    );
  }
  if (list === undefined || list.generating !== undefined) return null;
  if (list.setup !== undefined) {
    return (
      <p class="muted" data-testid="summary-setup">
        {list.setup}{" "}
        <Link to={{ name: "settings", section: "summaries" }} router={models.router} class="text-link">
          Summary settings
        </Link>
      </p>
    );
  }
  return (
    <p class="muted">
      A title and two or three sentences, made by {list.provider?.model} at{" "}
      {list.provider?.host}. You see what is sent before it is.
    </p>
  );
}

function Facts({ summary, models }: { summary: SummaryView; models: AppModels }): VNode {
  const { model, host, calls, tokens, costNanoUsd, priceEstimated, sentBytes, maskedSecrets } = summary;
  const sent = `${formatBytes(sentBytes)} sent${
    maskedSecrets === 0 ? "" : `, ${formatPlural(maskedSecrets, "secret")} masked`
  }`;
  return (
    <p class="summary-facts muted">
      {model && <span class="mono" title={sent}>{model}</span>}
      {host && <span>{host}</span>}
      {calls > 0 && (
        <span class="number">{`${formatTokens(tokens.input)} in · ${formatTokens(tokens.output)} out`}</span>
      )}
      {calls > 0 && (
        <span
          class="number"
          title={`${formatExactUsd(costNanoUsd)} in ${
            formatPlural(calls, "call")
          }, beside the session's own cost`}
          data-testid="summary-cost"
        >
          {formatUsd(costNanoUsd, { estimated: priceEstimated })}
        </span>
      )}
      {summary.trigger === "end" && <span>at the end</span>}
      <Age atMs={summary.atMs} clock={models.clock} />
    </p>
  );
}

function Failure({ summaries }: { summaries: Summaries }): VNode | null {
  const failed = summaries.failed.value;
  const problem = summaries.problem.value;
  if (summaries.list.value.value?.generating !== undefined) return null;
  if (problem !== undefined) return <ErrorNote what="No summary was made" error={problem} />;
  if (failed?.error === undefined) return null;
  const where = failed.trigger === "end" ? "No summary was made at the end" : "The last summary was not made";
  return <ErrorNote what={where} error={failed.error} />;
}

/** Everything but what is shown above. */
function History({ models, summaries }: PartProps): VNode | null {
  const shown = [summaries.newest.value?.id, summaries.failed.value?.id];
  const older = (summaries.list.value.value?.items ?? []).filter(({ id }) => !shown.includes(id));
  if (older.length === 0) return null;
  return (
    <details class="summary-history" data-testid="summary-history">
      <summary>{formatPlural(older.length, "earlier one", "earlier ones")}</summary>
      <ul>
        {older.map((summary) => (
          <li key={summary.id}>
            <strong>{summary.title ?? "Failed"}</strong>
            <span>{summary.text ?? summary.error}</span>
            <Facts summary={summary} models={models} />
          </li>
        ))}
      </ul>
    </details>
  );
}
