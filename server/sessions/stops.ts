// Stops under way: the agent's own way out first, then the ladder over its whole tree.
import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { HolderApi } from "../holder/api.ts";
import type { Log } from "../log.ts";
import type { SessionKind, StopProgress } from "../protocol.ts";
import { askToLeave } from "./clean_exit.ts";
import { runStopLadder, STOP_DEADLINE_MS } from "./stop_ladder.ts";

export interface StopsOptions extends Pick<Clock, "now" | "wait"> {
  holder: HolderApi;
  /** Its processes stand still and hear nothing. */
  isPaused: (id: string) => boolean;
  /** The program itself has ended; children may live on. */
  hasEnded: (id: string) => boolean;
  onProgress: (id: string, stop: StopProgress) => void;
  /** Nothing of the session is left, or can be ended. */
  onDone: (id: string) => void;
  log: Log;
}

const RETRY_AFTER_MS = 1000;

export class Stops {
  readonly #options: StopsOptions;
  readonly #running = new Map<string, Promise<void>>();

  constructor(options: StopsOptions) {
    this.#options = options;
  }

  has(id: string): boolean {
    return this.#running.has(id);
  }

  /** Does nothing for a session that is being stopped. */
  start(id: string, kind: SessionKind): void {
    if (!this.has(id)) this.#running.set(id, this.#run(id, kind));
  }

  /** Resolves when no stop is under way any more. */
  async finished(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  /** A holder that does not answer is asked again: what was to be stopped must not go on spending because of that. */
  async #run(id: string, kind: SessionKind): Promise<void> {
    const { log, onDone, now, wait } = this.#options;
    try {
      const startedAtMs = now();
      let isOver = await this.#try(id, { startedAtMs, asks: kind });
      while (!isOver) {
        await wait(RETRY_AFTER_MS);
        isOver = await this.#try(id, { startedAtMs: now(), asks: "shell" });
      }
    } catch (cause) {
      log.error("Cannot stop a session", { session: id, cause });
    } finally {
      this.#running.delete(id);
      onDone(id);
    }
  }

  /** Answers whether it is over; it is not when nobody answered. */
  async #try(
    id: string,
    { startedAtMs, asks: kind }: { startedAtMs: number; asks: SessionKind },
  ): Promise<boolean> {
    const { log } = this.#options;
    try {
      if (kind !== "shell") await this.#ask(id, { kind, startedAtMs });
      const survivors = await this.#endTree(id, { startedAtMs, wasAsked: kind !== "shell" });
      if (survivors > 0) log.warn("Processes could not be ended", { session: id, survivors });
      return true;
    } catch (cause) {
      if (!(cause instanceof AppError && cause.code === "unavailable")) throw cause;
      log.warn("A stop waits for the process that holds the session", { session: id, cause: cause.message });
      return false;
    }
  }

  async #ask(
    id: string,
    { kind, startedAtMs }: { kind: "claude" | "codex"; startedAtMs: number },
  ): Promise<void> {
    const { holder, hasEnded, isPaused, onProgress, now, wait, log } = this.#options;
    const remaining = await holder.countProcesses({ session: id });
    if (remaining === 0) return;
    onProgress(id, { step: "asked", startedAtMs, deadlineAtMs: startedAtMs + STOP_DEADLINE_MS, remaining });
    const session = {
      type: (text: string) => holder.write({ session: id, bytes: new TextEncoder().encode(text) }),
      signalLeader: (signal: Deno.Signal) => holder.signal({ session: id, signal, scope: "leader" }),
      hasEnded: () => hasEnded(id),
    };
    // Whatever goes wrong with asking, the tree is ended.
    const asked = async (): Promise<unknown> => {
      if (isPaused(id)) await holder.resume({ session: id });
      return await askToLeave({ kind, session, now, wait });
    };
    await asked().catch((cause) =>
      hasEnded(id) || log.warn("An agent could not be asked to leave", { session: id, cause })
    );
  }

  async #endTree(
    id: string,
    { startedAtMs, wasAsked }: { startedAtMs: number; wasAsked: boolean },
  ): Promise<number> {
    const { holder, now, wait, onProgress } = this.#options;
    return await runStopLadder({
      now,
      wait,
      startedAtMs,
      isHurried: wasAsked,
      session: {
        signalTree: (signal) => holder.signal({ session: id, signal, scope: "tree" }),
        killTree: () => holder.kill({ session: id }),
        countProcesses: () => holder.countProcesses({ session: id }),
      },
      onProgress: (stop) => onProgress(id, stop),
    });
  }
}
