-- Lists the delta tables of a sync that are worth emptying: those that new transactions do not write to now, that have
-- grown large, or all when nothing is going on.
-- Takes: $1 the sync, $2 bytes from which one counts as large, $3 whether the stream is idle, so that all count. Returns: table id, delta table. Reads: replicated_table, sync_table. Writes: nothing.
SELECT t.id, slot.delta::regclass::text
  FROM switchback.replicated_table AS t
  JOIN switchback.sync_table AS s ON s.table_id = t.id AND s.sync = $1
 CROSS JOIN LATERAL (VALUES (t.delta_a, 0), (t.delta_b, 1)) AS slot (delta, turn)
 CROSS JOIN LATERAL pg_relation_size(slot.delta) AS bytes
 WHERE bytes > 0
   AND (bytes >= $2::bigint OR turn <> (pg_snapshot_xmax(pg_current_snapshot())::text::bigint >> 13) & 1 OR $3::boolean)
