-- Git snapshots of a session's work tree. Their objects lie in a store of their own, under the name `keep`.
CREATE TABLE snapshots (
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  at_ms INTEGER NOT NULL,
  reason TEXT NOT NULL,
  turn INTEGER,
  -- The session's end is in it: an exit, or a stop after which nothing changed.
  is_end INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL,
  message TEXT,
  root TEXT NOT NULL,
  store TEXT,
  tree TEXT,
  keep TEXT,
  head TEXT,
  branch TEXT,
  upstream TEXT,
  stash_count INTEGER,
  -- JSON lists.
  submodules TEXT NOT NULL DEFAULT '[]',
  notes TEXT NOT NULL DEFAULT '[]',
  -- Against the first snapshot that was taken.
  files INTEGER,
  additions INTEGER,
  deletions INTEGER,
  -- JSON list of the commits since then.
  commits TEXT NOT NULL DEFAULT '[]',
  duration_ms INTEGER,
  CHECK (state <> 'taken' OR (store IS NOT NULL AND tree IS NOT NULL AND keep IS NOT NULL))
) STRICT;
CREATE INDEX snapshots_by_session ON snapshots (session_id, id);
CREATE INDEX snapshots_by_store ON snapshots (store, session_id) WHERE reason = 'baseline';

-- Objects that nothing needs any more, until their store has let go of them.
CREATE TABLE snapshot_releases (
  keep TEXT PRIMARY KEY,
  store TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER snapshots_released AFTER DELETE ON snapshots WHEN OLD.keep IS NOT NULL
BEGIN
  INSERT OR IGNORE INTO snapshot_releases (keep, store) VALUES (OLD.keep, OLD.store);
END;
