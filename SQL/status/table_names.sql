-- Lists the tables that could be replicated, partitions below the table that they belong to.
-- Takes: nothing. Returns: schema, name; for a partition the schema and name of the topmost table above it, or nulls; and whether
-- the node, which has a fence of its own, receives the table and never captures it.
-- Reads: pg_class, replicated_table, fence. Writes: nothing.
SELECT n.nspname, c.relname, rn.nspname, r.relname,
       EXISTS (SELECT FROM switchback.fence)
       AND EXISTS (SELECT FROM switchback.replicated_table WHERE relation = c.oid AND fenced AND capture IS NULL)
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_class AS r ON c.relispartition AND r.oid = pg_partition_root(c.oid)::oid
  LEFT JOIN pg_namespace AS rn ON rn.oid = r.relnamespace
 WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'switchback') AND n.nspname NOT LIKE 'pg\_%'
   AND NOT EXISTS (
       SELECT FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
