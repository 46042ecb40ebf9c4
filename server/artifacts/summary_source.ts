// Summaries as artifacts: their text, how they were made, and what they cost.
import type { ArtifactDetail, ArtifactKind, SummaryView } from "../protocol.ts";
import type { SummaryTable } from "../store/summaries.ts";
import type { ArtifactSource, SourceDetail, SourceItem, SourceWish } from "./artifact_list.ts";

export class SummarySource implements ArtifactSource {
  readonly name = "summary";
  readonly kinds: readonly ArtifactKind[] = ["summary"];
  readonly #table: Pick<SummaryTable, "listByTime" | "get">;

  constructor(table: Pick<SummaryTable, "listByTime" | "get">) {
    this.#table = table;
  }

  list(sessionId: string, { before, limit }: SourceWish): SourceItem[] {
    return this.#table.listByTime(sessionId, { before, limit }).map(viewItem);
  }

  get(sessionId: string, number: number): SourceDetail | undefined {
    const summary = this.#table.get(sessionId, number);
    if (!summary) return undefined;
    return { ...viewItem(summary), content: contentOf(summary), facts: factsOf(summary) };
  }
}

function viewItem(summary: SummaryView): SourceItem {
  const { id, atMs, state } = summary;
  const title = state === "done" ? "Summary" : "Summary: failed";
  return { number: id, kind: "summary", atMs, title, text: summary.title ?? summary.error ?? "" };
}

function contentOf({ title, text, error }: SummaryView): string {
  return [title, text, error].filter((line) => line !== undefined).join("\n\n");
}

function factsOf(summary: SummaryView): ArtifactDetail["facts"] {
  const { model, host, tokens, calls, sentBytes, maskedSecrets, trigger } = summary;
  const facts: [string, string | undefined][] = [
    ["Model", model],
    ["Sent to", host],
    ["Made", trigger === "end" ? "at the session's end" : "because you asked for it"],
    [
      "Tokens",
      calls === 0
        ? undefined
        : `${tokens.input} in, ${tokens.output} out, ${calls} call${calls === 1 ? "" : "s"}`,
    ],
    ["Cost", calls === 0 ? undefined : `$${(summary.costNanoUsd / 1e9).toFixed(6)}`],
    ["Bytes sent", sentBytes === 0 ? undefined : String(sentBytes)],
    ["Masked secrets", maskedSecrets === 0 ? undefined : String(maskedSecrets)],
  ];
  return facts.flatMap(([name, value]) => value === undefined ? [] : [{ name, value }]);
}
