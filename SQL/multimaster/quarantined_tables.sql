-- Tells which tables of a sync have rows in quarantine.
-- Takes: $1 sync. Returns: schema and table, a row each. Reads: quarantine. Writes: nothing.
SELECT DISTINCT schema_name, table_name FROM switchback.quarantine WHERE sync = $1 ORDER BY schema_name, table_name
