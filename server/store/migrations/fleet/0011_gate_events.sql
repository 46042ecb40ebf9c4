-- What the gate did to model calls, each as JSON as pages are told it.
CREATE TABLE gate_events (
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  event TEXT NOT NULL
) STRICT;
CREATE INDEX gate_events_by_session ON gate_events (session_id, id DESC);
