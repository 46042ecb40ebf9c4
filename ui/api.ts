// Typed calls of the HTTP api; every failure is an `ApiError` whose message can be shown.

import type {
  ArtifactDetail,
  ArtifactFormat,
  ArtifactView,
  AtLimit,
  BudgetChange,
  BudgetList,
  BudgetView,
  ChangeList,
  DirectorySuggestion,
  ErrorBody,
  FileDiff,
  FleetSettings,
  GateActivity,
  Keyframe,
  LaunchCheck,
  LaunchRequest,
  LedgerQuery,
  LedgerRow,
  LoginResponse,
  Notice,
  Page,
  PricesView,
  Recents,
  RecordingUseView,
  RepriceResult,
  ResumeRequest,
  RevertOrder,
  RevertPlan,
  RevertRequest,
  RevertResult,
  SessionView,
  Settings,
  SnapshotList,
  SnapshotSettings,
  SnapshotSettingsView,
  SnapshotView,
  StatusView,
  StorageSettings,
  StorageView,
  SummaryList,
  SummaryPreview,
  SummaryProviderId,
  SummaryProviderView,
  SummaryRequest,
  SummarySettings,
  SurvivorView,
  Timeline,
} from "../server/protocol.ts";

/** A failed call. `offline` is the page's own code: the server did not answer. */
export class ApiError extends Error {
  readonly code: string;
  readonly field: string | undefined;

  constructor(body: ErrorBody["error"], options: { cause?: unknown } = {}) {
    super(body.message, options);
    this.name = "ApiError";
    this.code = body.code;
    this.field = body.field;
  }
}

/** What of any thrown value is shown to the user. */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Whether a call was given up on purpose. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "AbortError";
}

export interface ApiOptions {
  fetch: typeof fetch;
  pageKey(): string | undefined;
  /** Called when the server does not accept the credentials. */
  onUnauthorized(): void;
}

/** Filters of `listSessions`; missing ones do not filter. */
export interface SessionQuery {
  limit?: number;
  cursor?: string;
  lifecycle?: "live" | "ended";
  kind?: string;
  repository?: string;
  q?: string;
}

/** Bytes of a recording from `offset`: behind the one asked for when that is in a gap. `next` is where the following range starts. */
export interface OutputRange {
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
  next: number | undefined;
}

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

interface Call {
  method?: string;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

const CALL_TIMEOUT_MS = 20_000;
/** The server ends a snapshot by itself before. */
const SNAPSHOT_TIMEOUT_MS = 120_000;
const PREVIEW_TIMEOUT_MS = 60_000;
/** Deleting many recordings, or checking the file they are in, takes as long as the disk needs. */
const LONG_CALL_TIMEOUT_MS = 30 * 60_000;

/** The server's HTTP api. Methods reject with `ApiError`, or with an `AbortError` when given up. */
export class Api {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  login(code: string): Promise<LoginResponse> {
    return this.#json("/api/login", { method: "POST", body: { code } });
  }

  async logout(): Promise<void> {
    await this.#respond("/api/logout", { method: "POST", body: {} });
  }

  async logoutAll(): Promise<void> {
    await this.#respond("/api/logout-all", { method: "POST", body: {} });
  }

  getStatus(): Promise<StatusView> {
    return this.#json("/api/status");
  }

  listSessions(query: SessionQuery, signal?: AbortSignal): Promise<Page<SessionView>> {
    return this.#json("/api/sessions", { query: { ...query }, signal });
  }

  getSession(id: string): Promise<SessionView> {
    return this.#json(`/api/sessions/${id}`);
  }

  createSession(request: LaunchRequest): Promise<SessionView> {
    return this.#json("/api/sessions", { method: "POST", body: request });
  }

  updateSession(id: string, patch: { title: string | null } | { atLimit: AtLimit }): Promise<SessionView> {
    return this.#json(`/api/sessions/${id}`, { method: "PATCH", body: patch });
  }

  async deleteSession(id: string): Promise<void> {
    await this.#respond(`/api/sessions/${id}`, { method: "DELETE" });
  }

  stopSession(id: string): Promise<SessionView> {
    return this.#json(`/api/sessions/${id}/stop`, { method: "POST", body: {} });
  }

  /** Lets all its processes stand still. */
  pauseSession(id: string): Promise<SessionView> {
    return this.#json(`/api/sessions/${id}/pause`, { method: "POST", body: {} });
  }

  /** Lets a paused session go on. */
  continueSession(id: string): Promise<SessionView> {
    return this.#json(`/api/sessions/${id}/continue`, { method: "POST", body: {} });
  }

  /** What passes its gate now, and what the gate has done lately. */
  getGate(id: string): Promise<GateActivity> {
    return this.#json(`/api/sessions/${id}/gate`);
  }

  stopAll(): Promise<{ stopping: number }> {
    return this.#json("/api/sessions/stop-all", { method: "POST", body: {} });
  }

  relaunchSession(id: string): Promise<SessionView> {
    return this.#json(`/api/sessions/${id}/relaunch`, { method: "POST", body: {} });
  }

  getTimeline(id: string, signal?: AbortSignal): Promise<Timeline> {
    return this.#json(`/api/sessions/${id}/timeline`, { signal });
  }

  getKeyframe(id: string, at: { offset: number; signal?: AbortSignal }): Promise<Keyframe> {
    return this.#json(`/api/sessions/${id}/keyframe`, { query: { offset: at.offset }, signal: at.signal });
  }

  async getOutput(
    id: string,
    range: { from: number; to: number; signal?: AbortSignal },
  ): Promise<OutputRange> {
    const query = { from: range.from, to: range.to };
    const response = await this.#respond(`/api/sessions/${id}/output`, { query, signal: range.signal });
    const next = response.headers.get("x-next-offset");
    return {
      offset: Number(response.headers.get("x-offset") ?? range.from),
      bytes: new Uint8Array(await response.arrayBuffer()),
      next: next === null ? undefined : Number(next),
    };
  }

  async getRecording(id: string): Promise<Blob> {
    return await (await this.#respond(`/api/sessions/${id}/recording`)).blob();
  }

  listArtifacts(
    id: string,
    query: { kind?: string; q?: string; limit?: number; cursor?: string },
  ): Promise<Page<ArtifactView>> {
    return this.#json(`/api/sessions/${id}/artifacts`, { query });
  }

  /** With `show`, secrets are not masked. */
  getArtifact(id: string, artifactId: string, { show }: { show: boolean }): Promise<ArtifactDetail> {
    const query = { secrets: show ? "show" : undefined };
    return this.#json(`/api/sessions/${id}/artifacts/${encodeURIComponent(artifactId)}`, { query });
  }

  async getArtifactFile(
    id: string,
    artifactId: string,
    { format, show }: { format: ArtifactFormat; show: boolean },
  ): Promise<Blob> {
    const path = `/api/sessions/${id}/artifacts/${encodeURIComponent(artifactId)}/download`;
    return await (await this.#respond(path, { query: { format, secrets: show ? "show" : undefined } }))
      .blob();
  }

  checkLaunch(input: { cwd: string; command: string }, signal: AbortSignal): Promise<LaunchCheck> {
    return this.#json("/api/launch-check", { query: input, signal });
  }

  async listDirectories(prefix: string, signal: AbortSignal): Promise<DirectorySuggestion[]> {
    const found = await this.#json<{ items: DirectorySuggestion[] }>("/api/directories", {
      query: { prefix },
      signal,
    });
    return found.items;
  }

  getRecents(): Promise<Recents> {
    return this.#json("/api/recents");
  }

  getSettings(): Promise<Settings> {
    return this.#json("/api/settings");
  }

  updateSettings(patch: Partial<Settings>): Promise<Settings> {
    return this.#json("/api/settings", { method: "PATCH", body: patch });
  }

  resumeSession(id: string, request: ResumeRequest): Promise<SessionView> {
    return this.#json(`/api/sessions/${id}/resume`, { method: "POST", body: request });
  }

  listLedger(id: string, page: LedgerQuery & { limit: number; cursor?: string }): Promise<Page<LedgerRow>> {
    return this.#json(`/api/sessions/${id}/ledger`, { query: { ...page } });
  }

  /** All rows under a query, as a file. */
  async getLedgerFile(id: string, file: LedgerQuery & { format: "csv" | "json" }): Promise<Blob> {
    const { format, ...query } = file;
    return await (await this.#respond(`/api/sessions/${id}/ledger.${format}`, { query })).blob();
  }

  listSnapshots(id: string): Promise<SnapshotList> {
    return this.#json(`/api/sessions/${id}/snapshots`);
  }

  getSnapshotSettings(): Promise<SnapshotSettingsView> {
    return this.#json("/api/settings/snapshots");
  }

  updateSnapshotSettings(patch: Partial<SnapshotSettings>): Promise<SnapshotSettingsView> {
    return this.#json("/api/settings/snapshots", { method: "PATCH", body: patch });
  }

  takeSnapshot(id: string): Promise<SnapshotView> {
    return this.#json(`/api/sessions/${id}/snapshots`, {
      method: "POST",
      body: {},
      timeoutMs: SNAPSHOT_TIMEOUT_MS,
    });
  }

  /** `now` takes a look at the work tree, which may take as long as a snapshot. */
  listChanges(id: string, pair: SnapshotPair, signal?: AbortSignal): Promise<ChangeList> {
    const call = { query: { ...pair }, signal, timeoutMs: SNAPSHOT_TIMEOUT_MS };
    return this.#json(`/api/sessions/${id}/changes`, call);
  }

  getFileDiff(
    id: string,
    file: SnapshotPair & { file: string; whitespace?: "ignore" | undefined },
    signal?: AbortSignal,
  ): Promise<FileDiff> {
    return this.#json(`/api/sessions/${id}/changes/file`, {
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
    const response = await this.#respond(`/api/sessions/${id}/changes/content`, {
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
    return await (await this.#respond(`/api/sessions/${id}/changes.patch`, { query: { ...patch } })).blob();
  }

  planRevert(id: string, request: RevertRequest): Promise<RevertPlan> {
    const call = { method: "POST", body: request, timeoutMs: SNAPSHOT_TIMEOUT_MS };
    return this.#json(`/api/sessions/${id}/revert/plan`, call);
  }

  revert(id: string, order: RevertOrder): Promise<RevertResult> {
    return this.#json(`/api/sessions/${id}/revert`, {
      method: "POST",
      body: order,
      timeoutMs: LONG_CALL_TIMEOUT_MS,
    });
  }

  listBudgets(sessionId?: string): Promise<BudgetList> {
    return this.#json("/api/budgets", { query: { sessionId } });
  }

  changeBudget(change: BudgetChange): Promise<BudgetView> {
    return this.#json("/api/budgets", { method: "PATCH", body: change });
  }

  getFleetSettings(): Promise<FleetSettings> {
    return this.#json("/api/settings/fleet");
  }

  updateFleetSettings(patch: Partial<FleetSettings>): Promise<FleetSettings> {
    return this.#json("/api/settings/fleet", { method: "PATCH", body: patch });
  }

  getPrices(): Promise<PricesView> {
    return this.#json("/api/prices");
  }

  /** Without `apply` only says what would change. */
  reprice(apply: boolean): Promise<RepriceResult> {
    return this.#json("/api/prices/reprice", { method: "POST", body: { apply } });
  }

  listNotices(cursor?: string): Promise<Page<Notice>> {
    return this.#json("/api/notices", { query: { cursor } });
  }

  async markNoticesSeen(upTo: number): Promise<void> {
    await this.#respond("/api/notices/seen", { method: "POST", body: { upTo } });
  }

  getStorageSettings(): Promise<StorageSettings> {
    return this.#json("/api/recordings/settings");
  }

  updateStorageSettings(patch: Partial<StorageSettings>): Promise<StorageSettings> {
    return this.#json("/api/recordings/settings", { method: "PATCH", body: patch });
  }

  /** What recordings take, and what these settings would delete. */
  previewStorage(settings: StorageSettings): Promise<StorageView> {
    return this.#json("/api/recordings/preview", { method: "POST", body: settings });
  }

  /** Deletes what the saved settings say. */
  cleanStorage(): Promise<{ deleted: number; freedBytes: number }> {
    return this.#json("/api/recordings/clean", {
      method: "POST",
      body: {},
      timeoutMs: LONG_CALL_TIMEOUT_MS,
    });
  }

  /** What is wrong with the file of recordings; nothing when all is well. */
  async checkStorage(depth: "quick" | "full"): Promise<string[]> {
    const call = { method: "POST", body: { depth }, timeoutMs: LONG_CALL_TIMEOUT_MS };
    return (await this.#json<{ findings: string[] }>("/api/recordings/check", call)).findings;
  }

  getRecordingUse(id: string): Promise<RecordingUseView> {
    return this.#json(`/api/recordings/${id}`);
  }

  keepRecording(id: string, keep: boolean): Promise<RecordingUseView> {
    return this.#json(`/api/recordings/${id}`, { method: "PATCH", body: { keep } });
  }

  listSummaries(id: string): Promise<SummaryList> {
    return this.#json(`/api/sessions/${id}/summaries`);
  }

  /** What would be sent; reads the work tree, which may take a while. */
  previewSummary(id: string): Promise<SummaryPreview> {
    return this.#json(`/api/sessions/${id}/summaries/preview`, { timeoutMs: PREVIEW_TIMEOUT_MS });
  }

  /** Begins to make one. */
  generateSummary(id: string, request: SummaryRequest): Promise<SummaryList> {
    return this.#json(`/api/sessions/${id}/summaries`, { method: "POST", body: request });
  }

  cancelSummary(id: string): Promise<SummaryList> {
    return this.#json(`/api/sessions/${id}/summaries/cancel`, { method: "POST", body: {} });
  }

  getSummarySettings(): Promise<SummarySettings> {
    return this.#json("/api/summaries/settings");
  }

  updateSummarySettings(patch: Partial<SummarySettings>): Promise<SummarySettings> {
    return this.#json("/api/summaries/settings", { method: "PATCH", body: patch });
  }

  async listSummaryProviders(): Promise<SummaryProviderView[]> {
    return (await this.#json<{ items: SummaryProviderView[] }>("/api/summaries/providers")).items;
  }

  /** Asks the provider itself. */
  async listSummaryModels(provider: SummaryProviderId): Promise<string[]> {
    const call = { query: { provider }, timeoutMs: PREVIEW_TIMEOUT_MS };
    return (await this.#json<{ models: string[] }>("/api/summaries/models", call)).models;
  }

  async listSurvivors(): Promise<SurvivorView[]> {
    return (await this.#json<{ items: SurvivorView[] }>("/api/survivors")).items;
  }

  endSurvivors(pids: number[]): Promise<{ ended: number[] }> {
    return this.#json("/api/survivors/end", { method: "POST", body: { pids } });
  }

  async #json<T>(path: string, call: Call = {}): Promise<T> {
    const response = await this.#respond(path, { ...call, signal: withTimeout(call) });
    return await response.json() as T;
  }

  async #respond(path: string, call: Call = {}): Promise<Response> {
    const response = await this.#fetch(path, call);
    if (response.ok) return response;
    const error = await readError(response);
    if (response.status === 401 && path !== "/api/login") this.#options.onUnauthorized();
    throw new ApiError(error);
  }

  async #fetch(path: string, call: Call): Promise<Response> {
    const headers: Record<string, string> = {};
    const key = this.#options.pageKey();
    if (key !== undefined) headers["x-page-key"] = key;
    if (call.body !== undefined) headers["content-type"] = "application/json";
    try {
      return await this.#options.fetch(path + queryText(call.query ?? {}), {
        method: call.method ?? "GET",
        headers,
        credentials: "same-origin",
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      });
    } catch (cause) {
      if (isAbort(cause)) throw cause;
      throw new ApiError({ code: "offline", message: "The server does not answer" }, { cause });
    }
  }
}

function withTimeout({ signal, timeoutMs = CALL_TIMEOUT_MS }: Call): AbortSignal {
  const timeout = AbortSignal.timeout(timeoutMs);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}

function queryText(query: Record<string, string | number | undefined>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") params.set(name, String(value));
  }
  return params.size === 0 ? "" : `?${params}`;
}

async function readError(response: Response): Promise<ErrorBody["error"]> {
  const fallback = { code: "internal", message: `The server answered with status ${response.status}` };
  try {
    const body = await response.json() as Partial<ErrorBody>;
    return body.error ?? fallback;
  } catch {
    // Not JSON: an answer of something between us and the server says nothing better than its status.
    return fallback;
  }
}
