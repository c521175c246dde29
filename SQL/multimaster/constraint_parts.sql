-- Tells what the unique and exclusion constraints of a table look at.
-- Takes: $1 the table's oid. Returns: a row each: its name, or its index's, its expressions with the index's collations, the operators under
-- which two rows clash, the condition on the rows that it looks at or null, whether nulls are alike, the columns that it looks at, and
-- of those that are generated the name and the expression. Reads: pg_index, pg_class, pg_constraint, pg_opclass, pg_amop, pg_operator,
-- pg_collation, pg_depend, pg_attribute, pg_attrdef. Writes: nothing.
SELECT coalesce(c.conname, x.relname),
       array_to_json(ARRAY(
           SELECT pg_get_indexdef(i.indexrelid, n, false) || CASE WHEN l.oid IS NULL THEN '' ELSE format(' COLLATE %I.%I', o.nspname, l.collname) END
             FROM generate_series(1, i.indnkeyatts) AS n
             LEFT JOIN pg_collation AS l ON l.oid = i.indcollation[n - 1]
             LEFT JOIN pg_namespace AS o ON o.oid = l.collnamespace
            ORDER BY n)),
       array_to_json(ARRAY(
           SELECT format('OPERATOR(%I.%s)', s.nspname, o.oprname)
             FROM generate_series(1, i.indnkeyatts) AS n
             JOIN pg_opclass AS k ON k.oid = i.indclass[n - 1]
             JOIN pg_operator AS o
               ON o.oid = coalesce(c.conexclop[n], (
                      SELECT amopopr FROM pg_amop
                       WHERE amopfamily = k.opcfamily AND amopstrategy = 3
                         AND amoplefttype = k.opcintype AND amoprighttype = k.opcintype))
             JOIN pg_namespace AS s ON s.oid = o.oprnamespace
            ORDER BY n)),
       pg_get_expr(i.indpred, i.indrelid), i.indnullsnotdistinct, array_to_json(u.columns), array_to_json(u.generated),
       array_to_json(u.expressions)
  FROM pg_index AS i
  JOIN pg_class AS x ON x.oid = i.indexrelid
  LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid AND c.contype IN ('p', 'u', 'x')
 CROSS JOIN LATERAL (
       WITH direct AS (
           SELECT d.refobjsubid AS number FROM pg_depend AS d
            WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid > 0
              AND (d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                   OR d.classid = 'pg_constraint'::regclass AND d.objid = c.oid)
       ), made AS (
           -- What generated ones are made from.
           SELECT d.refobjsubid AS number FROM direct
             JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = direct.number AND a.attgenerated <> ''
             JOIN pg_attrdef AS e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
             JOIN pg_depend AS d
               ON d.classid = 'pg_attrdef'::regclass AND d.objid = e.oid AND d.refclassid = 'pg_class'::regclass
                  AND d.refobjid = i.indrelid AND d.refobjsubid > 0
       )
       SELECT coalesce(array_agg(a.attname), '{}') AS columns,
              coalesce(array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attgenerated <> ''), '{}') AS generated,
              coalesce(array_agg(pg_get_expr(e.adbin, e.adrelid) ORDER BY a.attnum) FILTER (WHERE a.attgenerated <> ''), '{}') AS expressions
         FROM pg_attribute AS a
         LEFT JOIN pg_attrdef AS e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
        WHERE a.attrelid = i.indrelid AND a.attnum IN (SELECT number FROM direct UNION SELECT number FROM made)) AS u
 WHERE i.indrelid = $1::oid AND (i.indisunique OR i.indisexclusion) AND i.indisvalid
