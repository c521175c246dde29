-- Lists the sequences of this database, except Switchback's own and other sessions' temporary ones.
-- Takes: nothing. Returns: one row a sequence: oid, schema, name, the oid of the table that owns it or null, that table's
-- column, the oids of the tables that own it or have a default that uses it (separated by spaces), whether we may read it,
-- whether we may set it, its increment, the value it handed out last or, where none was or we may not know, its start.
-- Reads: pg_class, pg_depend, pg_attribute, pg_sequence. Writes: nothing.
SELECT c.oid, n.nspname, c.relname, owner.relation, owner.attname,
       (SELECT string_agg(DISTINCT used.relation::text, ' ')
          FROM (SELECT owner.relation WHERE owner.relation IS NOT NULL
                UNION ALL
                SELECT d.adrelid FROM pg_depend AS p JOIN pg_attrdef AS d ON d.oid = p.objid
                 WHERE p.classid = 'pg_attrdef'::regclass AND p.refclassid = 'pg_class'::regclass
                   AND p.refobjid = c.oid) AS used (relation)),
       has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(c.oid, 'SELECT'),
       has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(c.oid, 'UPDATE'),
       s.seqincrement,
       coalesce(CASE WHEN has_sequence_privilege(c.oid, 'SELECT, USAGE') THEN pg_sequence_last_value(c.oid) END, s.seqstart)
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_sequence AS s ON s.seqrelid = c.oid
  LEFT JOIN LATERAL (
      SELECT d.refobjid, a.attname
        FROM pg_depend AS d
        JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
       WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
         AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
       LIMIT 1) AS owner (relation, attname) ON true
 WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'switchback'
 ORDER BY n.nspname, c.relname
