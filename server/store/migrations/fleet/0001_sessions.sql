-- Sessions and what happened to them, who may use the page, settings.
CREATE TABLE conversations (
  id TEXT PRIMARY KEY,
  created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  conversation_id TEXT NOT NULL REFERENCES conversations (id),
  revision INTEGER NOT NULL DEFAULT 1,
  kind TEXT NOT NULL,
  title TEXT,
  command TEXT NOT NULL,
  cwd TEXT NOT NULL,
  repository_root TEXT,
  repository_name TEXT,
  branch TEXT,
  lifecycle TEXT NOT NULL,
  -- Decided by whoever caused the first signal; becomes the end reason.
  stop_cause TEXT,
  end_reason TEXT,
  exit_code INTEGER,
  exit_signal TEXT,
  failure TEXT,
  pid INTEGER,
  cols INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  recorded_bytes INTEGER NOT NULL DEFAULT 0,
  created_at_ms INTEGER NOT NULL,
  started_at_ms INTEGER,
  ended_at_ms INTEGER,
  CHECK ((lifecycle = 'ended') = (end_reason IS NOT NULL))
) STRICT;
CREATE INDEX sessions_by_time ON sessions (created_at_ms DESC, id DESC);
CREATE INDEX sessions_live ON sessions (lifecycle) WHERE lifecycle <> 'ended';
CREATE INDEX sessions_by_kind ON sessions (kind, created_at_ms DESC, id DESC);
CREATE INDEX sessions_by_repository ON sessions (repository_root, created_at_ms DESC, id DESC);
CREATE INDEX sessions_by_conversation ON sessions (conversation_id);

-- Markers, and the audit of what was typed (kind `input`).
CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  offset INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_session ON events (session_id, id DESC);

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

-- Browsers that exchanged a code. Only hashes are kept.
CREATE TABLE logins (
  id INTEGER PRIMARY KEY,
  cookie_hash TEXT NOT NULL UNIQUE,
  page_key_hash TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT;

-- Codes that were exchanged, until they would have expired anyway.
CREATE TABLE used_codes (
  nonce TEXT PRIMARY KEY,
  expires_at_ms INTEGER NOT NULL
) STRICT;
