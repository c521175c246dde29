-- Lists the tables that could be replicated, partitions below the table that they belong to.
-- Takes: nothing. Returns: schema, name, and for a partition the schema and name of the topmost table above it, or nulls.
-- Reads: pg_class. Writes: nothing.
SELECT n.nspname, c.relname, rn.nspname, r.relname
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_class AS r ON c.relispartition AND r.oid = pg_partition_root(c.oid)::oid
  LEFT JOIN pg_namespace AS rn ON rn.oid = r.relnamespace
 WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'switchback') AND n.nspname NOT LIKE 'pg\_%'
   AND NOT EXISTS (
       SELECT FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
