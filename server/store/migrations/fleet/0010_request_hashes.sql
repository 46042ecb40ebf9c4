-- What a gated request was, without its text: kept only if the settings say so.
ALTER TABLE ledger ADD COLUMN request_bytes INTEGER;
ALTER TABLE ledger ADD COLUMN request_sha256 TEXT;
