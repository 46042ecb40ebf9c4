-- JSON list of files that a merge had left unmerged when the snapshot was taken.
ALTER TABLE snapshots ADD COLUMN conflicts TEXT NOT NULL DEFAULT '[]';
