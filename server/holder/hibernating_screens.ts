// Screens of sessions that say nothing are put away as a snapshot, and come back with the next output.
import type { ScreenSnapshot } from "./api.ts";
import type { Screens } from "./live_session.ts";

/** The screens that are awake, as the pool offers them. */
export interface AwakeScreens {
  open(session: string, size: { cols: number; rows: number }, from?: { offset: number; ansi: string }): void;
  write(session: string, bytes: Uint8Array, endOffset: number): void;
  resize(session: string, cols: number, rows: number): void;
  snapshot(session: string): Promise<ScreenSnapshot & { exact: boolean }>;
  text(session: string): Promise<string[]>;
  end(session: string): Promise<void>;
  drop(session: string): void;
  /** Ends the thread behind the screens; the next `open` starts another. */
  close(): void;
}

export interface HibernationOptions {
  screens: AwakeScreens;
  /** Monotonic milliseconds. */
  now: () => number;
  onError: (cause: unknown) => void;
  idleAfterMs?: number;
  lookEveryMs?: number;
}

const IDLE_AFTER_MS = 60_000;
const LOOK_EVERY_MS = 15_000;

interface Entry {
  size: { cols: number; rows: number };
  /** Output it was given so far. */
  endOffset: number;
  usedAtMs: number;
  /** Set while it is put away. */
  asleep: ScreenSnapshot | undefined;
}

export class HibernatingScreens implements Screens {
  readonly #options: HibernationOptions;
  readonly #entries = new Map<string, Entry>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: HibernationOptions) {
    this.#options = options;
  }

  open(session: string, size: { cols: number; rows: number }): void {
    this.#entries.set(session, { size, endOffset: 0, usedAtMs: this.#options.now(), asleep: undefined });
    this.#options.screens.open(session, size);
    this.#watch();
  }

  write(session: string, bytes: Uint8Array, endOffset: number): void {
    const entry = this.#wake(session);
    if (!entry) return;
    entry.endOffset = endOffset;
    this.#options.screens.write(session, bytes, endOffset);
  }

  resize(session: string, cols: number, rows: number): void {
    const entry = this.#wake(session);
    if (!entry) return;
    entry.size = { cols, rows };
    this.#options.screens.resize(session, cols, rows);
  }

  /** A screen that is put away needs not come back to be shown. */
  async snapshot(session: string): Promise<ScreenSnapshot> {
    return this.#entries.get(session)?.asleep ?? await this.#options.screens.snapshot(session);
  }

  async text(session: string): Promise<string[]> {
    this.#wake(session);
    return await this.#options.screens.text(session);
  }

  async end(session: string): Promise<void> {
    this.#wake(session);
    this.#entries.delete(session);
    await this.#options.screens.end(session);
    this.#rest();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#options.screens.close();
  }

  /** Puts away every screen that was not used for a while. */
  async look(): Promise<void> {
    const idleSinceMs = this.#options.now() - (this.#options.idleAfterMs ?? IDLE_AFTER_MS);
    for (const [session, entry] of this.#entries) {
      if (!entry.asleep && entry.usedAtMs <= idleSinceMs) await this.#putAway(session, entry);
    }
    this.#rest();
  }

  async #putAway(session: string, entry: Entry): Promise<void> {
    const { usedAtMs } = entry;
    const snapshot = await this.#options.screens.snapshot(session);
    const unchanged = entry.usedAtMs === usedAtMs && this.#entries.get(session) === entry;
    // A screen in the middle of a sequence, or in a state that no sequences lead to, stays awake.
    if (!unchanged || !snapshot.exact || snapshot.offset !== entry.endOffset) return;
    entry.asleep = snapshot;
    this.#options.screens.drop(session);
  }

  #wake(session: string): Entry | undefined {
    const entry = this.#entries.get(session);
    if (!entry) return undefined;
    entry.usedAtMs = this.#options.now();
    if (entry.asleep) {
      this.#options.screens.open(session, entry.size, entry.asleep);
      entry.asleep = undefined;
      this.#watch();
    }
    return entry;
  }

  #watch(): void {
    this.#timer ??= setInterval(
      () => void this.look().catch(this.#options.onError),
      this.#options.lookEveryMs ?? LOOK_EVERY_MS,
    );
  }

  /** Nothing awake: no thread and no timer are needed. */
  #rest(): void {
    if ([...this.#entries.values()].some(({ asleep }) => asleep === undefined)) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#options.screens.close();
  }
}
