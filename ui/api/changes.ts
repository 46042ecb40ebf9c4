// Calls about the work tree: snapshots, what differs between two of them, and taking it back.

import type {
  ChangeList,
  FileDiff,
  RevertOrder,
  RevertPlan,
  RevertRequest,
  RevertResult,
  SnapshotList,
  SnapshotView,
} from "../../server/protocol.ts";
import { LONG_CALL_TIMEOUT_MS, type Requests } from "./requests.ts";

/** Two states of a work tree; the server's own choice where one is missing. */
export interface SnapshotPair {
  from?: number | undefined;
  to?: number | "now" | undefined;
}

/** One side of a changed file. */
export interface ChangedText {
  bytes: ArrayBuffer;
  /** Characters that were hidden because they look like a secret. */
  masked: number;
}

/** The server ends a snapshot by itself before. */
const SNAPSHOT_TIMEOUT_MS = 120_000;

/** Snapshots and the differences between them. Methods reject as `Requests` do. */
export class ChangeCalls {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  listSnapshots(id: string): Promise<SnapshotList> {
    return this.#requests.json(`/api/sessions/${id}/snapshots`);
  }

  takeSnapshot(id: string): Promise<SnapshotView> {
    return this.#requests.json(`/api/sessions/${id}/snapshots`, {
      method: "POST",
      body: {},
      timeoutMs: SNAPSHOT_TIMEOUT_MS,
    });
  }

  /** `now` takes a look at the work tree, which may take as long as a snapshot. */
  listChanges(id: string, pair: SnapshotPair, signal?: AbortSignal): Promise<ChangeList> {
    const call = { query: { ...pair }, signal, timeoutMs: SNAPSHOT_TIMEOUT_MS };
    return this.#requests.json(`/api/sessions/${id}/changes`, call);
  }

  getFileDiff(
    id: string,
    file: SnapshotPair & { file: string; whitespace?: "ignore" | undefined },
    signal?: AbortSignal,
  ): Promise<FileDiff> {
    return this.#requests.json(`/api/sessions/${id}/changes/file`, {
      query: { ...file },
      signal,
      timeoutMs: SNAPSHOT_TIMEOUT_MS,
    });
  }

  async getChangedText(
    id: string,
    side: SnapshotPair & { file: string; side: "old" | "new"; secrets?: "show" | undefined },
    signal?: AbortSignal,
  ): Promise<ChangedText> {
    const response = await this.#requests.respond(`/api/sessions/${id}/changes/content`, {
      query: { ...side },
      signal,
    });
    return {
      bytes: await response.arrayBuffer(),
      masked: Number(response.headers.get("x-masked") ?? 0),
    };
  }

  /** Of one file, or of all. */
  async getPatch(id: string, patch: SnapshotPair & { file?: string | undefined }): Promise<Blob> {
    return await (await this.#requests.respond(`/api/sessions/${id}/changes.patch`, { query: { ...patch } }))
      .blob();
  }

  planRevert(id: string, request: RevertRequest): Promise<RevertPlan> {
    const call = { method: "POST", body: request, timeoutMs: SNAPSHOT_TIMEOUT_MS };
    return this.#requests.json(`/api/sessions/${id}/revert/plan`, call);
  }

  revert(id: string, order: RevertOrder): Promise<RevertResult> {
    return this.#requests.json(`/api/sessions/${id}/revert`, {
      method: "POST",
      body: order,
      timeoutMs: LONG_CALL_TIMEOUT_MS,
    });
  }
}
