-- The first part of an input that was noted in several; null in that one and in everything else.
ALTER TABLE events ADD COLUMN part_of INTEGER;
CREATE INDEX events_by_part ON events (part_of) WHERE part_of IS NOT NULL;
CREATE INDEX events_by_time ON events (session_id, at_ms DESC, id DESC) WHERE part_of IS NULL;
CREATE INDEX notices_by_session ON notices (session_id, at_ms DESC, id DESC) WHERE session_id IS NOT NULL;
