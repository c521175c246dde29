-- Lists the replicated tables of a sync at a source.
-- Takes: $1 the sync. Returns: id, oid, schema, table, capture, delta_a, delta_b, fingerprint, shape, whether its deltas tell which columns were changed.
-- Reads: replicated_table, sync_table, pg_class. Writes: nothing.
SELECT t.id, t.relation, t.schema_name, t.table_name, t.capture,
       (SELECT relname FROM pg_class WHERE oid = t.delta_a), (SELECT relname FROM pg_class WHERE oid = t.delta_b),
       t.fingerprint, switchback.shape(t.relation),
       EXISTS (SELECT FROM pg_attribute WHERE attrelid = t.delta_a AND attname = 'columns' AND NOT attisdropped)
  FROM switchback.replicated_table AS t
  JOIN switchback.sync_table AS s ON s.table_id = t.id
 WHERE s.sync = $1
 ORDER BY t.schema_name, t.table_name
