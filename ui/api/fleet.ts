// Calls about the program as a whole: its state, what was used last, what was left over, notices.

import type { Notice, Page, Recents, StatusView, SurvivorView } from "../../server/protocol.ts";
import type { Requests } from "./requests.ts";

/** The program as a whole. Methods reject as `Requests` do. */
export class FleetCalls {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  getStatus(): Promise<StatusView> {
    return this.#requests.json("/api/status");
  }

  getRecents(): Promise<Recents> {
    return this.#requests.json("/api/recents");
  }

  async listSurvivors(): Promise<SurvivorView[]> {
    return (await this.#requests.json<{ items: SurvivorView[] }>("/api/survivors")).items;
  }

  endSurvivors(pids: number[]): Promise<{ ended: number[] }> {
    return this.#requests.json("/api/survivors/end", { method: "POST", body: { pids } });
  }

  listNotices(cursor?: string): Promise<Page<Notice>> {
    return this.#requests.json("/api/notices", { query: { cursor } });
  }

  async markNoticesSeen(upTo: number): Promise<void> {
    await this.#requests.respond("/api/notices/seen", { method: "POST", body: { upTo } });
  }
}
