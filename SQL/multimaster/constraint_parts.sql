-- Tells what the unique and exclusion constraints of a table look at.
-- Takes: $1 the table's oid. Returns: a row each: its name, or its index's, its expressions, the operators under which two
-- rows clash, the condition on the rows that it looks at or null, whether nulls are alike. Reads: pg_index, pg_class,
-- pg_constraint, pg_opclass, pg_amop, pg_operator. Writes: nothing.
SELECT coalesce(c.conname, x.relname),
       array_to_json(ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, false) FROM generate_series(1, i.indnkeyatts) AS n ORDER BY n)),
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
       pg_get_expr(i.indpred, i.indrelid), i.indnullsnotdistinct
  FROM pg_index AS i
  JOIN pg_class AS x ON x.oid = i.indexrelid
  LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid AND c.contype IN ('p', 'u', 'x')
 WHERE i.indrelid = $1::oid AND (i.indisunique OR i.indisexclusion) AND i.indisvalid
