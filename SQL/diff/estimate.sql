-- Estimates a table's rows, from its size and what the planner knows.
-- Takes: $1 its oid. Returns: rows. Reads: pg_class, the size of the table and its partitions. Writes: nothing.
SELECT greatest(sum(CASE WHEN c.relpages > 0 AND c.reltuples >= 0
                         THEN c.reltuples / c.relpages * (pg_relation_size(c.oid) / 8192)
                         ELSE pg_relation_size(c.oid) / 100 END), 0)::bigint
  FROM pg_class AS c
 WHERE c.oid = $1::oid OR c.oid IN (SELECT relid FROM pg_partition_tree($1::oid::regclass))
