-- Lists the captured partitioned tables of a sync whose partitions came or went since they were last looked at.
-- Takes: $1 the sync. Returns: their ids. Reads: replicated_table, sync_table, pg_inherits. Writes: nothing.
SELECT t.id
  FROM switchback.replicated_table AS t
  JOIN switchback.sync_table AS s ON s.table_id = t.id
 WHERE s.sync = $1 AND t.partitions IS NOT NULL AND t.partitions <> switchback.leaves(t.relation)
 ORDER BY t.id
