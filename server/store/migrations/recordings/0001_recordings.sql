-- Terminal output of sessions: compressed blocks by byte offset, sizes, gaps, and stored screens to seek from.
CREATE TABLE recordings (
  -- Never used again: readers keep decoded output by it.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
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
  last_screen_offset INTEGER,
  -- Never deleted by age or total size.
  keep INTEGER NOT NULL DEFAULT 0,
  -- Gone for every reader; its blocks are removed in the background.
  deleted INTEGER NOT NULL DEFAULT 0,
  -- Ended, and nothing is left to merge.
  compacted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX recordings_to_maintain ON recordings (id) WHERE compacted = 0 OR deleted = 1;

CREATE TABLE blocks (
  recording INTEGER NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
  offset INTEGER NOT NULL,
  -- Raw bytes; size is what data takes.
  length INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  -- How many blocks were merged into this one; more than one: times tells when each of them began.
  parts INTEGER NOT NULL DEFAULT 1,
  size INTEGER NOT NULL,
  codec TEXT NOT NULL,
  times BLOB,
  data BLOB NOT NULL
) STRICT;
-- Covering, so that the timeline, sizes and the search for a block never touch the data.
CREATE UNIQUE INDEX blocks_by_offset ON blocks (recording, offset, length, at_ms, parts, size);

-- Ranges of output without bytes: thinned (reason trimmed) or never stored (reason storage).
CREATE TABLE gaps (
  recording INTEGER NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (recording, offset)
) STRICT, WITHOUT ROWID;

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
  size INTEGER NOT NULL,
  codec TEXT NOT NULL,
  data BLOB NOT NULL
) STRICT;
-- Unique by its first two columns in practice: an older screen of the same offset is removed before.
CREATE INDEX keyframes_by_offset ON keyframes (recording, offset, size);
