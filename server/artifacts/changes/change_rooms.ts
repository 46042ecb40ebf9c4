// Wires what becomes of sessions' work trees: snapshots, comparisons, watching, reverts.
import type { Log } from "../../log.ts";
import type { MarkerKind, ServerMessage, SessionView, SnapshotSettings } from "../../protocol.ts";
import type { SessionTable } from "../../store/sessions.ts";
import type { SnapshotTable } from "../../store/snapshots.ts";
import type { Clock } from "../../clock.ts";
import { secretsOfEnvironment } from "../secrets/environment_secrets.ts";
import type { Vault } from "../git/vault_api.ts";
import { ChangeDesk } from "./change_desk.ts";
import { ChangeWatch } from "./change_watch.ts";
import { Comparisons } from "./comparisons.ts";
import { followDirectories } from "./follow_directories.ts";
import { LiveTrees } from "./live_trees.ts";
import { Releases } from "./releases.ts";
import { Reverts } from "./reverts.ts";
import { ShownTotals } from "./shown_totals.ts";
import { SnapshotDesk } from "./snapshot_desk.ts";

/** Larger work trees are looked at now and then instead. */
const MAX_FOLLOWED_DIRECTORIES = 2000;

export interface ChangeRoomsOptions extends Clock {
  vault: Vault;
  table: SnapshotTable;
  sessions: SessionTable;
  settings: () => SnapshotSettings;
  isOffByEnvironment: boolean;
  /** Keys in it are hidden in contents. */
  environment: Readonly<Record<string, string>>;
  broadcast: (message: ServerMessage) => void;
  /** How much a session has changed is known anew. */
  onTotals: (sessionId: string) => void;
  /** Notes something in a session's history. */
  mark: (sessionId: string, marker: { kind: MarkerKind; text: string }) => void;
  newId: () => string;
  log: Log;
}

export interface ChangeRooms {
  snapshots: SnapshotDesk;
  changes: ChangeDesk;
  changeWatch: ChangeWatch;
  reverts: Reverts;
  shownTotals: ShownTotals;
  /** Takes note of what a session does. */
  sessionChanged(session: SessionView): void;
  /** Its snapshots are gone from the store already. */
  sessionDeleted(): void;
  /** Takes what was missed, and gives back what could not be. */
  reconcile(): void;
  close(): Promise<void>;
}

export function createChangeRooms(options: ChangeRoomsOptions): ChangeRooms {
  const { vault, table, mark } = options;
  const releases = new Releases({ ...options, onTidied: (store) => liveTrees.forget(store) });
  releases.addOrphans();
  const snapshots = new SnapshotDesk({ ...options, releases });
  const liveTrees: LiveTrees = new LiveTrees({
    vault,
    isCurrent: (root) => changeWatch.isCurrent(root),
    onLitter: (store) => releases.tidySoon(store),
  });
  const changeWatch: ChangeWatch = new ChangeWatch({
    ...options,
    liveTrees,
    rootOf: (sessionId) => snapshots.rootOf(sessionId),
    listDirectories: ({ store, tree }) => vault.directories(store, { tree, max: MAX_FOLLOWED_DIRECTORIES }),
    follow: followDirectories,
  });
  const shownTotals = new ShownTotals({ table, onChange: options.onTotals });
  snapshots.onTaken((id) => {
    shownTotals.forget(id);
    options.onTotals(id);
  });
  const changes = new ChangeDesk({
    ...options,
    liveTrees,
    shownTotals,
    comparisons: new Comparisons(vault),
    knownSecrets: secretsOfEnvironment(options.environment),
  });
  const reverts = new Reverts({
    ...{ vault, table, sessions: options.sessions, snapshots, liveTrees },
    mark: (sessionId, text) => mark(sessionId, { kind: "files_reverted", text }),
  });
  return {
    ...{ snapshots, changes, changeWatch, reverts, shownTotals },
    sessionChanged: (session) => snapshots.sessionChanged(session),
    sessionDeleted: () => releases.soon(),
    reconcile: () => {
      snapshots.reconcile();
      releases.soon();
    },
    close: async () => {
      changeWatch.close();
      await snapshots.close();
      await releases.close();
    },
  };
}
