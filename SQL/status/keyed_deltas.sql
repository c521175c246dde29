-- Lists the delta tables of a sync that hold something, and of how many columns the keys in them are.
-- Takes: $1 sync. Returns: schema, table, its delta table, ready for SQL, the number of key columns. Reads: replicated_table,
-- sync_table, the catalogue, the sizes of delta tables. Writes: nothing.
SELECT t.schema_name, t.table_name, d.relation::regclass::text,
       (SELECT count(*) FROM pg_attribute AS a
         WHERE a.attrelid = d.relation AND a.attname ~ '^k[0-9]+$' AND NOT a.attisdropped)
  FROM switchback.replicated_table AS t
  JOIN switchback.sync_table AS s ON s.table_id = t.id AND s.sync = $1
 CROSS JOIN LATERAL (VALUES (t.delta_a), (t.delta_b)) AS d (relation)
 WHERE pg_relation_size(d.relation) > 0
 ORDER BY 1, 2, 3
