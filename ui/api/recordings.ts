// Calls about recordings: reading one, and what all of them take on the disk.

import type {
  Keyframe,
  RecordingUseView,
  StorageSettings,
  StorageView,
  Timeline,
} from "../../server/protocol.ts";
import { LONG_CALL_TIMEOUT_MS, type Requests } from "./requests.ts";

/** Bytes of a recording from `offset`: behind the one asked for when that is in a gap. `next` is where the following range starts. */
export interface OutputRange {
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
  next: number | undefined;
}

/** Recorded terminals and the room they take. Methods reject as `Requests` do. */
export class RecordingCalls {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  getTimeline(id: string, signal?: AbortSignal): Promise<Timeline> {
    return this.#requests.json(`/api/sessions/${id}/timeline`, { signal });
  }

  getKeyframe(id: string, at: { offset: number; signal?: AbortSignal }): Promise<Keyframe> {
    return this.#requests.json(`/api/sessions/${id}/keyframe`, {
      query: { offset: at.offset },
      signal: at.signal,
    });
  }

  async getOutput(
    id: string,
    range: { from: number; to: number; signal?: AbortSignal },
  ): Promise<OutputRange> {
    const query = { from: range.from, to: range.to };
    const response = await this.#requests.respond(`/api/sessions/${id}/output`, {
      query,
      signal: range.signal,
    });
    const next = response.headers.get("x-next-offset");
    return {
      offset: Number(response.headers.get("x-offset") ?? range.from),
      bytes: new Uint8Array(await response.arrayBuffer()),
      next: next === null ? undefined : Number(next),
    };
  }

  getRecordingUse(id: string): Promise<RecordingUseView> {
    return this.#requests.json(`/api/recordings/${id}`);
  }

  keepRecording(id: string, keep: boolean): Promise<RecordingUseView> {
    return this.#requests.json(`/api/recordings/${id}`, { method: "PATCH", body: { keep } });
  }

  getStorageSettings(): Promise<StorageSettings> {
    return this.#requests.json("/api/recordings/settings");
  }

  updateStorageSettings(patch: Partial<StorageSettings>): Promise<StorageSettings> {
    return this.#requests.json("/api/recordings/settings", { method: "PATCH", body: patch });
  }

  /** What recordings take, and what these settings would delete. */
  previewStorage(settings: StorageSettings): Promise<StorageView> {
    return this.#requests.json("/api/recordings/preview", { method: "POST", body: settings });
  }

  /** Deletes what the saved settings say. */
  cleanStorage(): Promise<{ deleted: number; freedBytes: number }> {
    return this.#requests.json("/api/recordings/clean", {
      method: "POST",
      body: {},
      timeoutMs: LONG_CALL_TIMEOUT_MS,
    });
  }

  /** What is wrong with the file of recordings; nothing when all is well. */
  async checkStorage(depth: "quick" | "full"): Promise<string[]> {
    const call = { method: "POST", body: { depth }, timeoutMs: LONG_CALL_TIMEOUT_MS };
    return (await this.#requests.json<{ findings: string[] }>("/api/recordings/check", call)).findings;
  }
}
