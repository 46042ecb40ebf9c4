-- Terminal output of sessions: compressed blocks by byte offset, sizes, and stored screens to seek from.
CREATE TABLE recordings (
  id INTEGER PRIMARY KEY,
  session TEXT NOT NULL UNIQUE,
  started_at_ms INTEGER NOT NULL,
  cols INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  -- Set once, when the program has ended and its last byte is stored.
  ended_at_ms INTEGER,
  exit_code INTEGER,
  exit_signal TEXT,
  -- Why the program never ran.
  start_failure TEXT,
  -- The server has taken note of the end.
  exit_acknowledged INTEGER NOT NULL DEFAULT 0,
  last_screen_offset INTEGER
) STRICT;

CREATE TABLE blocks (
  recording INTEGER NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  codec TEXT NOT NULL,
  data BLOB NOT NULL
) STRICT;
-- Covering, so that the timeline and the search for a block never touch the data.
CREATE UNIQUE INDEX blocks_by_offset ON blocks (recording, offset, length, at_ms);

CREATE TABLE resizes (
  recording INTEGER NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
  offset INTEGER NOT NULL,
  cols INTEGER NOT NULL,
  rows INTEGER NOT NULL
) STRICT;
CREATE INDEX resizes_by_offset ON resizes (recording, offset);

CREATE TABLE keyframes (
  recording INTEGER NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
  offset INTEGER NOT NULL,
  cols INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  codec TEXT NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (recording, offset)
) STRICT;
