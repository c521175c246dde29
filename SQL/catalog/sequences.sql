-- Lists the sequences of this database, except Switchback's own and other sessions' temporary ones.
-- Takes: nothing. Returns: one row a sequence: oid, schema, name, the oid of the table that owns it or null, whether we
-- may read it, whether we may set it.
-- Reads: pg_class, pg_depend. Writes: nothing.
SELECT c.oid, n.nspname, c.relname,
       (SELECT refobjid FROM pg_depend
         WHERE classid = 'pg_class'::regclass AND objid = c.oid AND refclassid = 'pg_class'::regclass
           AND deptype IN ('a', 'i') AND refobjsubid > 0 LIMIT 1),
       has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(c.oid, 'SELECT'),
       has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(c.oid, 'UPDATE')
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'switchback'
 ORDER BY n.nspname, c.relname
