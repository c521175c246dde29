-- Lists the tables of this database that could be replicated.
-- Takes: nothing. Returns: one row a table: oid, schema, name, kind (r or p), whether it is a partition, the oid of the
-- topmost partitioned table above it, whether it has inheritance relatives, whether row security hides rows from us,
-- whether we may SELECT, INSERT, UPDATE and DELETE, and whether we may create triggers, whether it has rules, whether it
-- or a partition of it is unlogged, whether we own it, whether it has partitions that are foreign tables.
-- Reads: pg_class, pg_namespace, pg_inherits, pg_depend. Writes: nothing.
SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition,
       CASE WHEN c.relispartition THEN pg_partition_root(c.oid)::oid ELSE c.oid END,
       NOT c.relispartition AND c.relkind = 'r'
           AND EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid OR inhparent = c.oid),
       c.relrowsecurity AND (c.relforcerowsecurity OR NOT pg_has_role(c.relowner, 'USAGE'))
           AND NOT (SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user),
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'),
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'INSERT')
           AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'),
       has_table_privilege(c.oid, 'TRIGGER'), c.relhasrules,
       c.relpersistence = 'u'
           OR c.relkind = 'p' AND EXISTS (
               SELECT FROM pg_partition_tree(c.oid) AS part JOIN pg_class AS p ON p.oid = part.relid
                WHERE p.relpersistence = 'u'),
       pg_has_role(c.relowner, 'USAGE'),
       c.relkind = 'p' AND EXISTS (
           SELECT FROM pg_partition_tree(c.oid) AS part JOIN pg_class AS p ON p.oid = part.relid
            WHERE p.relkind = 'f')
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'switchback') AND n.nspname NOT LIKE 'pg\_%'
   AND NOT EXISTS (
       SELECT FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
 ORDER BY n.nspname, c.relname
