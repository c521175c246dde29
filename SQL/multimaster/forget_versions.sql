-- Forgets versions that everybody has seen.
-- Takes: $1 the sync. Returns: how many. Reads: what forget_versions() reads. Writes: the versions of the sync's tables.
SELECT coalesce(sum(switchback.forget_versions($1, t.id)), 0)
  FROM switchback.replicated_table AS t
 WHERE to_regclass('switchback.version_' || t.id) IS NOT NULL
   AND (t.schema_name, t.table_name) IN (SELECT schema_name, table_name FROM switchback.table_state WHERE sync = $1)
