-- Lists the replicated tables with what was made for them.
-- Takes: nothing. Returns: id, relation, schema, table, capture, fenced, fingerprint, whether the table still exists, syncs.
-- Reads: replicated_table, sync_table, pg_class. Writes: nothing.
SELECT t.id, t.relation, t.schema_name, t.table_name, t.capture, t.fenced, t.fingerprint,
       EXISTS (SELECT FROM pg_class WHERE oid = t.relation),
       (SELECT string_agg(sync, E'\n' ORDER BY sync) FROM switchback.sync_table WHERE table_id = t.id)
  FROM switchback.replicated_table AS t
 ORDER BY t.id
