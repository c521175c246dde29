-- Lists the tables of a stream of which versions are kept at its receiver.
-- Takes: $1 sync, $2 source. Returns: their ids. Reads: table_state, replicated_table. Writes: nothing.
SELECT t.id
  FROM switchback.table_state AS s
  JOIN switchback.replicated_table AS t ON t.schema_name = s.schema_name AND t.table_name = s.table_name
 WHERE s.sync = $1 AND s.source = $2 AND to_regclass('switchback.version_' || t.id) IS NOT NULL
 ORDER BY t.id
