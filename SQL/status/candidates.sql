-- Lists the tables of a sync that may have deltas, at the source, and the marks past a window.
-- Takes: $1 sync, $2 and $3 the window. Returns: id, delta_a, delta_b, marks, the oldest mark's moment. Reads: replicated_table, sync_table, mark. Writes: nothing.
SELECT t.id, t.delta_a::regclass::text, t.delta_b::regclass::text, count(m.txid), min(m.at)::text
  FROM switchback.replicated_table AS t
  JOIN switchback.sync_table AS s ON s.table_id = t.id AND s.sync = $1
  LEFT JOIN switchback.mark AS m ON m.table_id = t.id AND (m.txid >= $2::bigint OR m.txid = ANY ($3::bigint[]))
 GROUP BY t.id, t.delta_a, t.delta_b
HAVING coalesce(pg_relation_size(t.delta_a), 0) + coalesce(pg_relation_size(t.delta_b), 0) > 0 OR count(m.txid) > 0
