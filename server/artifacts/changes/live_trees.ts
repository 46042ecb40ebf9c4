// Work trees as they are right now: captured when asked for, kept by nobody, shared by whoever asks at the same time.
import { AppError } from "../../errors.ts";
import type { Capture, Vault } from "../git/vault_api.ts";

interface Live {
  /** Has begun: what changes now may be missing from it. */
  running: Promise<Capture> | undefined;
  /** Begins when that is done. */
  next: Promise<Capture> | undefined;
  latest: Capture | undefined;
}

export interface LiveTreesOptions {
  vault: Vault;
  /** Nothing has changed since the latest capture of a work tree. */
  isCurrent: (root: string) => boolean;
  /** A store holds many trees that nobody keeps. */
  onLitter: (store: string) => void;
}

/** Trees of one store before it is tidied up. */
const MAX_UNKEPT = 100;
/** Work trees that are remembered; the least recently used goes first. */
const MAX_ROOTS = 64;

export class LiveTrees {
  readonly #vault: Vault;
  readonly #lives = new Map<string, Live>();
  readonly #options: LiveTreesOptions;
  /** Trees that nobody keeps, by store. */
  readonly #unkept = new Map<string, number>();

  constructor(options: LiveTreesOptions) {
    this.#vault = options.vault;
    this.#options = options;
  }

  /** The work tree as it is now, or at some time after the call. Rejects with `unavailable` when that cannot be told. */
  get(root: string): Promise<Capture> {
    const live = this.#touch(root);
    if (live.latest && !live.running && this.#options.isCurrent(root)) return Promise.resolve(live.latest);
    return this.capture(root);
  }

  /** The same, looking again in any case. */
  capture(root: string): Promise<Capture> {
    const live = this.#touch(root);
    if (!live.running) return this.#start(root, live);
    live.next ??= live.running.then(() => undefined, () => undefined).then(() => {
      live.next = undefined;
      return live.running ?? this.#start(root, live);
    });
    return live.next;
  }

  /** As it was when somebody last looked; looks when nobody has. */
  async recall(root: string): Promise<Capture> {
    const live = this.#touch(root);
    return live.latest ?? await this.capture(root);
  }

  /** What the latest look saw, when there was one. */
  latest(root: string): Capture | undefined {
    return this.#lives.get(root)?.latest;
  }

  #start(root: string, live: Live): Promise<Capture> {
    live.running = this.#capture(root, live).finally(() => live.running = undefined);
    return live.running;
  }

  async #capture(root: string, live: Live): Promise<Capture> {
    const result = await this.#vault.capture(root);
    if ("failure" in result) throw new AppError("unavailable", result.failure);
    if (live.latest?.tree !== result.tree) this.#countUnkept(result.store);
    live.latest = result;
    return result;
  }

  /** The store was tidied up: what nobody keeps is gone. */
  forget(store: string): void {
    this.#unkept.delete(store);
    for (const live of this.#lives.values()) if (live.latest?.store === store) live.latest = undefined;
  }

  #countUnkept(store: string): void {
    const count = (this.#unkept.get(store) ?? 0) + 1;
    this.#unkept.set(store, count);
    if (count % MAX_UNKEPT === 0) this.#options.onLitter(store);
  }

  #touch(root: string): Live {
    const live = this.#lives.get(root) ?? { running: undefined, next: undefined, latest: undefined };
    this.#lives.delete(root);
    this.#lives.set(root, live);
    const [oldest] = this.#lives.keys();
    if (this.#lives.size > MAX_ROOTS && oldest !== undefined) this.#lives.delete(oldest);
    return live;
  }
}
