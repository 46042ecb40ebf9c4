// Calls about what a session left: artifacts and summaries.

import type {
  ArtifactDetail,
  ArtifactFormat,
  ArtifactView,
  Page,
  SummaryList,
  SummaryPreview,
  SummaryRequest,
} from "../../server/protocol.ts";
import type { Requests } from "./requests.ts";

const PREVIEW_TIMEOUT_MS = 60_000;

/** Artifacts and summaries. Methods reject as `Requests` do. */
export class ArtifactCalls {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  listArtifacts(
    id: string,
    query: { kind?: string; q?: string; limit?: number; cursor?: string },
  ): Promise<Page<ArtifactView>> {
    return this.#requests.json(`/api/sessions/${id}/artifacts`, { query });
  }

  /** With `show`, secrets are not masked. */
  getArtifact(id: string, artifactId: string, { show }: { show: boolean }): Promise<ArtifactDetail> {
    const query = { secrets: show ? "show" : undefined };
    return this.#requests.json(`/api/sessions/${id}/artifacts/${encodeURIComponent(artifactId)}`, { query });
  }

  async getArtifactFile(
    id: string,
    artifactId: string,
    { format, show }: { format: ArtifactFormat; show: boolean },
  ): Promise<Blob> {
    const path = `/api/sessions/${id}/artifacts/${encodeURIComponent(artifactId)}/download`;
    return await (await this.#requests.respond(path, {
      query: { format, secrets: show ? "show" : undefined },
    }))
      .blob();
  }

  listSummaries(id: string): Promise<SummaryList> {
    return this.#requests.json(`/api/sessions/${id}/summaries`);
  }

  /** What would be sent; reads the work tree, which may take a while. */
  previewSummary(id: string): Promise<SummaryPreview> {
    return this.#requests.json(`/api/sessions/${id}/summaries/preview`, { timeoutMs: PREVIEW_TIMEOUT_MS });
  }

  /** Begins to make one. */
  generateSummary(id: string, request: SummaryRequest): Promise<SummaryList> {
    return this.#requests.json(`/api/sessions/${id}/summaries`, { method: "POST", body: request });
  }

  cancelSummary(id: string): Promise<SummaryList> {
    return this.#requests.json(`/api/sessions/${id}/summaries/cancel`, { method: "POST", body: {} });
  }
}
