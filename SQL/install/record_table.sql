-- Records a replicated table and what was made for it.
-- Takes: {id}, {relation}, {schema}, {table}, {capture}, {keys}, {fenced}, {delta_a}, {delta_b}, {fingerprint} as literals.
-- Returns: nothing. Reads: nothing. Writes: replicated_table.
INSERT INTO switchback.replicated_table
    (id, relation, schema_name, table_name, capture, key_columns, fenced, delta_a, delta_b, fingerprint, partitions)
VALUES ({id}, {relation}, {schema}, {table}, {capture}, {keys}, {fenced}, to_regclass({delta_a}), to_regclass({delta_b}),
        {fingerprint}, CASE WHEN {capture} IS NOT NULL THEN switchback.leaves({relation}) END)
ON CONFLICT (id) DO UPDATE
   SET relation = excluded.relation, schema_name = excluded.schema_name, table_name = excluded.table_name,
       capture = excluded.capture, key_columns = excluded.key_columns, fenced = excluded.fenced,
       delta_a = excluded.delta_a, delta_b = excluded.delta_b, fingerprint = excluded.fingerprint,
       partitions = CASE WHEN excluded.capture IS NULL THEN NULL
                         ELSE coalesce(replicated_table.partitions, excluded.partitions) END
