-- Notes that tables are being copied.
-- Takes: $1 sync, $2 source, $3 schemas, $4 tables, $5 the snapshot that they are to be read from, or null for the cursor's.
-- Returns: nothing. Reads: nothing. Writes: table_state.
INSERT INTO switchback.table_state (sync, source, schema_name, table_name, state, since)
SELECT $1, $2, schema_name, table_name, 'copying', $5::pg_snapshot
  FROM unnest($3::text[], $4::text[]) AS t (schema_name, table_name)
ON CONFLICT (sync, source, schema_name, table_name) DO UPDATE SET state = 'copying', since = excluded.since
