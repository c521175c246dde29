-- Lists what a table's rows are stored in: the table, or the leaves of a partitioned one.
-- Takes: $1 its oid. Returns: one row a part: oid, schema, name, blocks, bytes with what is stored apart, its file or null
-- where it has none, for it is a foreign table. Reads: pg_class, pg_inherits. Writes: nothing.
SELECT c.oid, n.nspname, c.relname, pg_relation_size(c.oid) / current_setting('block_size')::bigint,
       pg_table_size(c.oid), nullif(pg_relation_filenode(c.oid), 0)
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'f')
   AND (c.oid = $1::oid OR c.oid IN (SELECT relid FROM pg_partition_tree($1::oid::regclass) WHERE isleaf))
 ORDER BY c.oid
