// Processes of sessions that are over, and are alive all the same.
import type { HolderApi } from "../holder/api.ts";
import type { SurvivorView } from "../protocol.ts";
import type { SessionTable } from "../store/sessions.ts";
import { nameSession } from "../session_name.ts";

export interface SurvivorsOptions {
  holder: HolderApi;
  table: SessionTable;
  /** Notes in a session's history that one of its processes was ended. */
  addEvent: (sessionId: string, text: string) => void;
}

export class Survivors {
  readonly #options: SurvivorsOptions;

  constructor(options: SurvivorsOptions) {
    this.#options = options;
  }

  async list(): Promise<SurvivorView[]> {
    const found = await this.#options.holder.findSurvivors();
    return found.map(({ pid, startedAtMs, command, session }) => {
      const row = this.#options.table.get(session);
      return {
        pid,
        startedAtMs,
        command,
        sessionId: session,
        sessionTitle: row === undefined ? "a deleted session" : nameSession(row),
      };
    });
  }

  /** Ends survivors by pid; pids that are none of ours are ignored. Answers those that are gone. */
  async end(pids: number[]): Promise<number[]> {
    const { holder, table, addEvent } = this.#options;
    const found = await holder.findSurvivors();
    const wanted = found.filter(({ pid }) => pids.includes(pid));
    const ended = await holder.endSurvivors({ processes: wanted });
    for (const { session, pid, command } of wanted) {
      if (ended.includes(pid) && table.get(session)) addEvent(session, `${pid} ${command}`);
    }
    return ended;
  }
}
