-- Where a session's model calls go behind the gateway, as JSON; null when they do not pass it.
ALTER TABLE sessions ADD COLUMN gateway TEXT;
-- What a call meets at a limit: `stop` or `hold`.
ALTER TABLE sessions ADD COLUMN at_limit TEXT NOT NULL DEFAULT 'stop';

-- Calls that budgets are held for: each as the ledger row it becomes if this program dies meanwhile.
CREATE TABLE reservations (
  call_id TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  call TEXT NOT NULL
) STRICT, WITHOUT ROWID;
