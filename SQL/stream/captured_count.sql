-- Counts the tables that a sync captures and that are still there.
-- Takes: $1 the sync. Returns: the count. Reads: sync_table, replicated_table, pg_class. Writes: nothing.
SELECT count(*)
  FROM switchback.sync_table AS s
  JOIN switchback.replicated_table AS t ON t.id = s.table_id
  JOIN pg_class AS c ON c.oid = t.relation
 WHERE s.sync = $1
