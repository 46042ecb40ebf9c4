-- Whether the agent was told to report its model calls to us.
ALTER TABLE sessions ADD COLUMN has_telemetry INTEGER NOT NULL DEFAULT 0;
