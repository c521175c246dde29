-- Begins a stream at its receiver, or begins it anew.
-- Takes: $1 sync, $2 source, $3 snapshot, $4 system identifier, $5 database oid, $6 timeline, $7 the source's clock, $8 the
-- batch that the source counts the snapshot as, $9 whether the source is at an earlier moment than the receiver knew it. Returns: nothing. Reads: nothing. Writes: cursor.
INSERT INTO switchback.cursor
    (sync, source, snapshot, batch, begun_batch, acknowledged_batch, source_system_identifier, source_database_oid,
     source_timeline, state, as_of, source_forgets)
VALUES ($1, $2, $3::pg_snapshot, $8::bigint, $8::bigint, $8::bigint, $4, $5::bigint, $6::bigint, 'copying', $7::timestamptz, $9::boolean)
ON CONFLICT (sync, source) DO UPDATE
   SET snapshot = excluded.snapshot, batch = excluded.batch, begun_batch = excluded.begun_batch,
       acknowledged_batch = excluded.acknowledged_batch,
       source_system_identifier = excluded.source_system_identifier,
       source_database_oid = excluded.source_database_oid, source_timeline = excluded.source_timeline,
       state = 'copying', as_of = excluded.as_of, source_forgets = excluded.source_forgets, late_since = NULL, error = NULL, error_hint = NULL, error_at = NULL
