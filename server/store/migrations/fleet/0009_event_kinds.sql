-- What is looked for by its kind is few among much that was typed.
CREATE INDEX events_by_kind ON events (session_id, kind, at_ms DESC, id DESC);
