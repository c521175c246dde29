-- Lists the tables of a sync that may have something to carry, at the source: those whose delta tables are not empty, and
-- those that are marked.
-- Takes: $1 sync. Returns: id, schema, table, delta_a, delta_b (both ready for SQL), bytes of delta_a and of delta_b.
-- Reads: replicated_table, sync_table, mark, the sizes of delta tables. Writes: nothing.
SELECT t.id, t.schema_name, t.table_name, t.delta_a::regclass::text, t.delta_b::regclass::text,
       coalesce(pg_relation_size(t.delta_a), 0), coalesce(pg_relation_size(t.delta_b), 0)
  FROM switchback.replicated_table AS t
  JOIN switchback.sync_table AS s ON s.table_id = t.id AND s.sync = $1
 WHERE coalesce(pg_relation_size(t.delta_a), 0) > 0 OR coalesce(pg_relation_size(t.delta_b), 0) > 0
    OR EXISTS (SELECT FROM switchback.mark AS m WHERE m.table_id = t.id)
