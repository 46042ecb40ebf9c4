// The rooms of snapshots and changes with a database in memory, a vault without git, and time that a test moves.
import { type ChangeRooms, createChangeRooms } from "../artifacts/changes/change_rooms.ts";
import type { Vault } from "../artifacts/git/vault_api.ts";
import { createLog } from "../log.ts";
import type {
  Activity,
  EndReason,
  Lifecycle,
  ServerMessage,
  SessionView,
  SnapshotSettings,
} from "../protocol.ts";
import { FleetStore } from "../store/fleet_store.ts";
import { FakeVault } from "./fake_vault.ts";
import { newSession } from "./new_session.ts";

export const WORK_TREE = "/work/tree";

/** Work that waits until a test says that its time has come. */
interface Later {
  work: () => void;
  delayMs: number;
}

/** A test with a scene of its own. */
export function test(name: string, work: (t: ChangeScene) => Promise<void>): void {
  Deno.test(name, async () => {
    const t = new ChangeScene();
    try {
      await work(t);
    } finally {
      await t.close();
    }
  });
}

export class ChangeScene {
  readonly store = new FleetStore(":memory:");
  readonly vault = new FakeVault();
  readonly messages: ServerMessage[] = [];
  readonly marks: string[] = [];
  /** Sessions whose totals were told anew. */
  readonly told: string[] = [];
  readonly laters = new Set<Later>();
  readonly rooms: ChangeRooms;
  settings: SnapshotSettings = { captureAtEnd: true, afterTurns: true };
  nowMs = 1_800_000_000_000;
  /** Ends the patience of whoever waits. */
  impatience: () => void = () => {};
  #ids = 0;

  constructor(options: { isOffByEnvironment?: boolean; vault?: Vault; store?: FleetStore } = {}) {
    this.vault.root = WORK_TREE;
    if (options.store) this.store = options.store;
    this.rooms = createChangeRooms({
      vault: options.vault ?? this.vault,
      table: this.store.snapshots,
      sessions: this.store.sessions,
      settings: () => this.settings,
      environment: {},
      isOffByEnvironment: options.isOffByEnvironment ?? false,
      broadcast: (message) => this.messages.push(message),
      onTotals: (sessionId) => this.told.push(sessionId),
      mark: (_, { text }) => this.marks.push(text),
      now: () => this.nowMs,
      newId: () => this.#newId(),
      wait: () => new Promise((resolve) => this.impatience = resolve),
      later: (work, delayMs) => {
        const later = { work, delayMs };
        this.laters.add(later);
        return () => this.laters.delete(later);
      },
      log: createLog("error", () => {}),
    });
  }

  /** A session that was stored as starting. */
  create(cwd = WORK_TREE): string {
    const id = this.#newId();
    const title = `Session ${id.slice(-2)}`;
    this.store.sessions.create(
      newSession({ id, cwd, conversationId: id, title, repository: undefined, createdAtMs: this.nowMs }),
    );
    return id;
  }

  /** The same, started, with its first snapshot. */
  async start(cwd = WORK_TREE): Promise<string> {
    const id = this.create(cwd);
    this.tell(id, { lifecycle: "starting" });
    await this.rooms.snapshots.begin({ id, cwd });
    this.store.sessions.markRunning(id, { pid: 1, startedAtMs: this.nowMs });
    this.tell(id, { lifecycle: "running" });
    return id;
  }

  /** What the rooms are told of every change of a session. */
  tell(id: string, change: { lifecycle?: Lifecycle; activity?: Activity; endReason?: EndReason }): void {
    const view = { id, lifecycle: "running", activity: "unknown", ...change };
    this.rooms.sessionChanged(view as SessionView);
  }

  end(id: string, endReason: EndReason = "exited"): void {
    this.store.sessions.markEnded(id, {
      ...{ reason: endReason, exitCode: 0, exitSignal: undefined, failure: undefined, recordedBytes: 0 },
      endedAtMs: this.nowMs,
    });
    this.tell(id, { lifecycle: "ended", endReason });
  }

  /** Does everything that was to be done later, as often as more comes. */
  async passTime(): Promise<void> {
    for (let round = 0; round < 5; round++) {
      for (const later of [...this.laters]) {
        this.laters.delete(later);
        later.work();
      }
      await this.rooms.snapshots.finished();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  reasons(id: string): string[] {
    return this.rooms.snapshots.list(id).items.map(({ reason, turn }) => turn ? `${reason} ${turn}` : reason);
  }

  async close(): Promise<void> {
    await this.rooms.close();
    this.store.close();
  }

  #newId(): string {
    return `00000000-0000-7000-8000-${(++this.#ids).toString(16).padStart(12, "0")}`;
  }
}
