-- Lists the replicated tables of a node with the places of their deltas and versions.
-- Takes: nothing. Returns: oid, id, delta_a and delta_b or null, whether versions are kept, whether with the stamps of their columns, and
-- whether the deltas tell which columns were changed, and whether sums of counters are kept. Reads: replicated_table. Writes:
-- nothing.
SELECT t.relation, t.id, (SELECT relname FROM pg_class WHERE oid = t.delta_a), (SELECT relname FROM pg_class WHERE oid = t.delta_b),
       to_regclass('switchback.version_' || t.id) IS NOT NULL,
       EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('switchback.version_' || t.id) AND attname = 'stamps'),
       EXISTS (SELECT FROM pg_attribute WHERE attrelid = t.delta_a AND attname = 'columns' AND NOT attisdropped),
       to_regclass('switchback.counter_' || t.id) IS NOT NULL
  FROM switchback.replicated_table AS t
