// What recordings take, and how long they stay.
import { AppError } from "../errors.ts";
import type { HolderApi, HolderEvent, RecordingUse } from "../holder/api.ts";
import type { Log } from "../log.ts";
import type { RecordingUseView, ServerMessage, StorageSettings, StorageView } from "../protocol.ts";
import type { SessionTable } from "../store/sessions.ts";
import type { DamagedRecordings } from "./damaged_recordings.ts";
import { decideRetention, type RetentionVerdict } from "./retention.ts";
import { nameSession } from "../session_name.ts";
import type { SettingsService } from "./settings_service.ts";

export interface StorageOptions {
  holder: HolderApi;
  settings: SettingsService;
  table: SessionTable;
  /** Deletes a session with its recording. */
  deleteSession: (id: string) => Promise<void>;
  /** Notes in a session's history that a part of its output is missing. */
  markGap: (id: string, text: string) => void;
  damaged: Pick<DamagedRecordings, "list" | "tellNew">;
  /** Tells every page. */
  broadcast: (message: ServerMessage) => void;
  now: () => number;
  log: Log;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const GB = 2 ** 30;
/** Retention is a matter of days. */
const CLEAN_EVERY_MS = 60 * 60 * 1000;

export class Storage {
  readonly #options: StorageOptions;
  #timer: ReturnType<typeof setInterval> | undefined;
  #pausedReason: string | undefined;

  constructor(options: StorageOptions) {
    this.#options = options;
  }

  /** Tells the holder its cap, and cleans now and every hour. */
  start(): void {
    this.#timer = setInterval(() => this.#cleanInBackground(), CLEAN_EVERY_MS);
    this.#tellCap();
    this.#cleanInBackground();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Why nothing is recorded at the moment; undefined when all is well. */
  get pausedReason(): string | undefined {
    return this.#pausedReason;
  }

  /** Takes an event of the holder. */
  handle(event: HolderEvent): void {
    if (event.type === "recording_paused") this.#setPaused(event.reason);
    if (event.type === "recording_paused" || event.type === "recording_resumed") this.#greet();
    if (event.type !== "recording_resumed") return;
    this.#setPaused(undefined);
    for (const { session, bytes } of event.lost) {
      this.#options.markGap(session, `${bytes} bytes of output could not be stored`);
    }
  }

  /** One of the two events comes whenever a holder was connected to; it may be a new one. */
  #greet(): void {
    this.#options.damaged.tellNew();
    this.#tellCap();
  }

  /** Saves a change; what it deletes goes with the next `clean`. */
  update(change: Partial<StorageSettings>): StorageSettings {
    const settings = this.#options.settings.updateStorage(change);
    this.#tellCap();
    return settings;
  }

  /** What is there, and what these settings would delete now. */
  async describe(settings = this.#options.settings.getStorage()): Promise<StorageView> {
    const recordings = await this.#options.holder.listRecordings();
    const sum = (pick: (use: RecordingUse) => number): number =>
      recordings.reduce((total, use) => total + pick(use), 0);
    return {
      count: recordings.length,
      storedBytes: sum(({ storedBytes }) => storedBytes),
      rawBytes: sum(({ rawBytes }) => rawBytes),
      going: this.#decide(recordings, settings).map((verdict) => this.#view(verdict, recordings)),
      damagedFiles: this.#options.damaged.list(),
    };
  }

  /** Deletes what the settings say. */
  async clean(): Promise<{ deleted: number; freedBytes: number }> {
    const recordings = await this.#options.holder.listRecordings();
    const verdicts = this.#decide(recordings, this.#options.settings.getStorage());
    for (const { session } of verdicts) await this.#delete(session);
    return { deleted: verdicts.length, freedBytes: verdicts.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  /** Throws `not_found` for a session without a recording. */
  async get(sessionId: string): Promise<RecordingUseView> {
    const use = (await this.#options.holder.listRecordings()).find(({ session }) => session === sessionId);
    if (!use) throw new AppError("not_found", "This session has no recording");
    return { sessionId, keep: use.keep, storedBytes: use.storedBytes, rawBytes: use.rawBytes };
  }

  async setKeep(sessionId: string, keep: boolean): Promise<RecordingUseView> {
    await this.#options.holder.setKeep({ session: sessionId, keep });
    return await this.get(sessionId);
  }

  /** Everything wrong with the file of recordings. */
  async check(depth: "quick" | "full"): Promise<string[]> {
    return await this.#options.holder.checkRecordings({ depth });
  }

  /** A recording may have lost its session. */
  async #delete(session: string): Promise<void> {
    if (this.#options.table.get(session)) await this.#options.deleteSession(session);
    else await this.#options.holder.delete({ session });
  }

  /** A holder says how things stand whenever it is connected to. */
  #setPaused(reason: string | undefined): void {
    if (reason === this.#pausedReason) return;
    this.#pausedReason = reason;
    this.#options.broadcast({ type: "recording", ...(reason === undefined ? {} : { pausedReason: reason }) });
  }

  #decide(recordings: RecordingUse[], { maxAgeDays, maxTotalGb }: StorageSettings): RetentionVerdict[] {
    const policy = {
      ...(maxAgeDays === null ? {} : { maxAgeMs: maxAgeDays * DAY_MS }),
      ...(maxTotalGb === null ? {} : { maxTotalBytes: maxTotalGb * GB }),
    };
    return decideRetention(recordings, { policy, nowMs: this.#options.now() });
  }

  #view({ session, reason, bytes }: RetentionVerdict, recordings: RecordingUse[]): StorageView["going"][0] {
    const row = this.#options.table.get(session);
    const endedAtMs = recordings.find((use) => use.session === session)?.endedAtMs ?? 0;
    return {
      sessionId: session,
      title: row === undefined ? session : nameSession(row),
      endedAtMs,
      reason,
      storedBytes: bytes,
    };
  }

  #tellCap(): void {
    const bytes = Math.round(this.#options.settings.getStorage().capGb * GB);
    this.#options.holder.setRecordingCap({ bytes })
      .catch((cause) => this.#options.log.warn("Cannot set how much of a recording is kept", { cause }));
  }

  #cleanInBackground(): void {
    this.clean().then(
      ({ deleted }) => deleted > 0 && this.#options.log.info("Old recordings were deleted", { deleted }),
      (cause) => this.#options.log.warn("Cannot delete old recordings", { cause }),
    );
  }
}
