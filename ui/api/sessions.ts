// Calls about sessions: the launch, the list, and what is done to one.

import type {
  AtLimit,
  DirectorySuggestion,
  GateActivity,
  LaunchCheck,
  LaunchRequest,
  Page,
  ResumeRequest,
  SessionView,
} from "../../server/protocol.ts";
import type { Requests } from "./requests.ts";

/** Filters of `listSessions`; missing ones do not filter. */
export interface SessionQuery {
  limit?: number;
  cursor?: string;
  lifecycle?: "live" | "ended";
  kind?: string;
  repository?: string;
  q?: string;
}

/** Sessions, from the launch to the end. Methods reject as `Requests` do. */
export class SessionCalls {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  checkLaunch(input: { cwd: string; command: string }, signal: AbortSignal): Promise<LaunchCheck> {
    return this.#requests.json("/api/launch-check", { query: input, signal });
  }

  async listDirectories(prefix: string, signal: AbortSignal): Promise<DirectorySuggestion[]> {
    const found = await this.#requests.json<{ items: DirectorySuggestion[] }>("/api/directories", {
      query: { prefix },
      signal,
    });
    return found.items;
  }

  createSession(request: LaunchRequest): Promise<SessionView> {
    return this.#requests.json("/api/sessions", { method: "POST", body: request });
  }

  listSessions(query: SessionQuery, signal?: AbortSignal): Promise<Page<SessionView>> {
    return this.#requests.json("/api/sessions", { query: { ...query }, signal });
  }

  getSession(id: string): Promise<SessionView> {
    return this.#requests.json(`/api/sessions/${id}`);
  }

  updateSession(id: string, patch: { title: string | null } | { atLimit: AtLimit }): Promise<SessionView> {
    return this.#requests.json(`/api/sessions/${id}`, { method: "PATCH", body: patch });
  }

  async deleteSession(id: string): Promise<void> {
    await this.#requests.respond(`/api/sessions/${id}`, { method: "DELETE" });
  }

  stopSession(id: string): Promise<SessionView> {
    return this.#requests.json(`/api/sessions/${id}/stop`, { method: "POST", body: {} });
  }

  stopAll(): Promise<{ stopping: number }> {
    return this.#requests.json("/api/sessions/stop-all", { method: "POST", body: {} });
  }

  /** Lets all its processes stand still. */
  pauseSession(id: string): Promise<SessionView> {
    return this.#requests.json(`/api/sessions/${id}/pause`, { method: "POST", body: {} });
  }

  /** Lets a paused session go on. */
  continueSession(id: string): Promise<SessionView> {
    return this.#requests.json(`/api/sessions/${id}/continue`, { method: "POST", body: {} });
  }

  relaunchSession(id: string): Promise<SessionView> {
    return this.#requests.json(`/api/sessions/${id}/relaunch`, { method: "POST", body: {} });
  }

  resumeSession(id: string, request: ResumeRequest): Promise<SessionView> {
    return this.#requests.json(`/api/sessions/${id}/resume`, { method: "POST", body: request });
  }

  /** What passes its gate now, and what the gate has done lately. */
  getGate(id: string): Promise<GateActivity> {
    return this.#requests.json(`/api/sessions/${id}/gate`);
  }

  async getRecording(id: string): Promise<Blob> {
    return await (await this.#requests.respond(`/api/sessions/${id}/recording`)).blob();
  }
}
