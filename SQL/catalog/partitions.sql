-- Lists the partitions below partitioned tables.
-- Takes: $1 the partitioned tables' oids. Returns: one row a partition: root oid, its oid, schema, name, whether it is a
-- leaf, whether we own it, whether we may read it, whether we may create triggers on it.
-- Reads: pg_inherits, pg_class. Writes: nothing.
SELECT root.oid, tree.relid::oid, n.nspname, c.relname, tree.isleaf, pg_has_role(c.relowner, 'USAGE'),
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'),
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'TRIGGER')
  FROM unnest($1::oid[]) AS root (oid)
 CROSS JOIN LATERAL pg_partition_tree(root.oid) AS tree
  JOIN pg_class AS c ON c.oid = tree.relid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE tree.level > 0
 ORDER BY root.oid, tree.level, tree.relid
