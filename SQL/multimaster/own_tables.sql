-- Lists the replicated tables of a node with the places of their deltas and versions.
-- Takes: nothing. Returns: oid, id, delta_a and delta_b or null, whether versions are kept. Reads: replicated_table. Writes:
-- nothing.
SELECT t.relation, t.id, (SELECT relname FROM pg_class WHERE oid = t.delta_a), (SELECT relname FROM pg_class WHERE oid = t.delta_b),
       to_regclass('switchback.version_' || t.id) IS NOT NULL
  FROM switchback.replicated_table AS t
