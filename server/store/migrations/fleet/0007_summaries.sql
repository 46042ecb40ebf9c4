-- What a model made of a session, or why it made nothing; the newest one that is done gives the title.
CREATE TABLE summaries (
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  at_ms INTEGER NOT NULL,
  state TEXT NOT NULL,
  made_by TEXT NOT NULL,
  title TEXT,
  text TEXT,
  error TEXT,
  provider TEXT,
  model TEXT,
  host TEXT,
  sent_bytes INTEGER NOT NULL,
  masked_secrets INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cost_nano_usd INTEGER NOT NULL,
  price_estimated INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  CHECK (state <> 'done' OR (title IS NOT NULL AND text IS NOT NULL)),
  CHECK (state <> 'failed' OR error IS NOT NULL)
) STRICT;
CREATE INDEX summaries_by_session ON summaries (session_id, at_ms DESC, id DESC);
ALTER TABLE sessions ADD COLUMN ai_title TEXT;
