-- What model calls cost, what may be spent, and what the user was told of it.
ALTER TABLE sessions ADD COLUMN resumed_from TEXT;
-- The agent's own id of its conversation, and whether it has printed it.
ALTER TABLE sessions ADD COLUMN agent_session_id TEXT;
ALTER TABLE sessions ADD COLUMN resume_confirmed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN resume_command TEXT;
-- A subscription pays: dollars are what the use would cost.
ALTER TABLE sessions ADD COLUMN has_plan INTEGER NOT NULL DEFAULT 0;
-- What was switched on or off at launch, as JSON.
ALTER TABLE sessions ADD COLUMN additions TEXT;

-- One row per model call. Rows outlive their session: deleting one gives no budget back.
CREATE TABLE ledger (
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  -- Names the call within its session.
  key TEXT NOT NULL,
  kind TEXT NOT NULL,
  repository_root TEXT,
  branch TEXT,
  at_ms INTEGER NOT NULL,
  model TEXT NOT NULL,
  input INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL,
  output INTEGER NOT NULL,
  reasoning INTEGER NOT NULL,
  server_tool_uses INTEGER,
  web_searches INTEGER,
  service_tier TEXT,
  speed TEXT,
  subagent TEXT,
  purpose TEXT,
  request_id TEXT,
  message_id TEXT,
  cost_nano_usd INTEGER NOT NULL,
  price_id TEXT NOT NULL,
  price_estimated INTEGER NOT NULL,
  -- The CLI's own figure, for comparison.
  reported_cost_nano_usd INTEGER,
  source TEXT NOT NULL,
  confidence TEXT NOT NULL,
  incomplete TEXT,
  -- Every source's row of the call, as JSON.
  members TEXT NOT NULL,
  -- Estimates of other commands count against their own budget only.
  is_shared INTEGER NOT NULL,
  UNIQUE (session_id, key)
) STRICT;
CREATE INDEX ledger_by_time ON ledger (session_id, at_ms, id);
-- A forked or copied conversation repeats the provider's ids: whoever had them first keeps them.
CREATE INDEX ledger_by_message ON ledger (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX ledger_by_request ON ledger (request_id) WHERE request_id IS NOT NULL;

-- Sums of ledger rows, kept in the same transaction. `scope` is session, conversation, repository, or quarter (of an
-- hour, Unix time: local days of every time zone are made of them).
CREATE TABLE spending (
  scope TEXT NOT NULL,
  id TEXT NOT NULL,
  calls INTEGER NOT NULL,
  input INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL,
  output INTEGER NOT NULL,
  cost_nano_usd INTEGER NOT NULL,
  reported_calls INTEGER NOT NULL,
  reported_cost_nano_usd INTEGER NOT NULL,
  compared_cost_nano_usd INTEGER NOT NULL,
  inexact_calls INTEGER NOT NULL,
  estimated_calls INTEGER NOT NULL,
  unpriced_calls INTEGER NOT NULL,
  incomplete_calls INTEGER NOT NULL,
  gateway_calls INTEGER NOT NULL,
  otlp_calls INTEGER NOT NULL,
  transcript_calls INTEGER NOT NULL,
  screen_calls INTEGER NOT NULL,
  estimate_calls INTEGER NOT NULL,
  PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

-- How far a source has been read, as JSON: by file path for logs, by session for screens and estimates.
CREATE TABLE source_states (
  name TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  state TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX source_states_by_session ON source_states (session_id);

CREATE TABLE budgets (
  scope TEXT NOT NULL,
  -- A conversation's id, a repository's root, or empty.
  target TEXT NOT NULL,
  nano_usd INTEGER,
  tokens INTEGER,
  PRIMARY KEY (scope, target)
) STRICT, WITHOUT ROWID;

CREATE TABLE notices (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  session_id TEXT,
  -- The limit that it is about, as JSON.
  budget TEXT,
  seen INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Warnings that were given, and at which limit.
CREATE TABLE budget_warnings (
  budget_id TEXT NOT NULL,
  unit TEXT NOT NULL,
  limit_value INTEGER NOT NULL,
  period_start_ms INTEGER NOT NULL,
  PRIMARY KEY (budget_id, unit, period_start_ms)
) STRICT, WITHOUT ROWID;
