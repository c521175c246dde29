-- Reads a stream's cursor, at the receiver.
-- Takes: $1 sync, $2 source. Returns: at most one row, as in the table. Reads: cursor. Writes: nothing.
SELECT snapshot::text, batch, acknowledged_batch, source_system_identifier, source_database_oid, source_timeline,
       state, as_of::text, applied_at::text, applied_rows, paused, error, error_hint, error_at::text, begun_batch
  FROM switchback.cursor WHERE sync = $1 AND source = $2
