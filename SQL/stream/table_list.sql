-- Lists the names of the tables that a sync captures.
-- Takes: $1 the sync. Returns: schema, table. Reads: replicated_table, sync_table. Writes: nothing.
SELECT t.schema_name, t.table_name
  FROM switchback.replicated_table AS t
  JOIN switchback.sync_table AS s ON s.table_id = t.id
 WHERE s.sync = $1
 ORDER BY t.schema_name, t.table_name
