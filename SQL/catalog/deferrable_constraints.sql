-- Lists the constraints that replica role does not check: deferrable unique, primary key and exclusion constraints.
-- Takes: $1 the tables' oids. Returns: one row a constraint: table oid; name; what it looks at, as expressions over the
-- table's columns that are named x1, x2, …; the condition under which rows a and b clash; the condition under which it
-- looks at a row at all, or null.
-- Reads: pg_constraint, pg_index, pg_opclass, pg_amop, pg_operator. Writes: nothing.
SELECT c.conrelid, c.conname,
       string_agg(format('%s AS x%s', pg_get_indexdef(i.indexrelid, n, false), n), ', ' ORDER BY n),
       string_agg(format(CASE WHEN coalesce(i.indnullsnotdistinct, false) AND c.contype <> 'x'
                              -- IS NULL means another thing for composite values.
                              THEN '(a.x%1$s OPERATOR(%2$I.%3$s) b.x%1$s'
                                   ' OR a.x%1$s IS NOT DISTINCT FROM NULL AND b.x%1$s IS NOT DISTINCT FROM NULL)'
                              ELSE 'a.x%1$s OPERATOR(%2$I.%3$s) b.x%1$s' END, n, opn.nspname, op.oprname),
                  ' AND ' ORDER BY n),
       pg_get_expr(i.indpred, i.indrelid)
  FROM pg_constraint AS c
  JOIN pg_index AS i ON i.indexrelid = c.conindid
 CROSS JOIN LATERAL generate_series(1, i.indnkeyatts::int) AS n
  JOIN pg_opclass AS oc ON oc.oid = i.indclass[n - 1]
  LEFT JOIN pg_amop AS ao ON c.conexclop IS NULL AND ao.amopfamily = oc.opcfamily AND ao.amopstrategy = 3
       AND ao.amoplefttype = oc.opcintype AND ao.amoprighttype = oc.opcintype
  JOIN pg_operator AS op ON op.oid = coalesce(c.conexclop[n], ao.amopopr)
  JOIN pg_namespace AS opn ON opn.oid = op.oprnamespace
 WHERE c.conrelid = ANY ($1::oid[]) AND c.condeferrable AND c.contype IN ('u', 'p', 'x')
 GROUP BY c.oid, i.indexrelid, c.conrelid, c.conname, i.indpred, i.indrelid
 ORDER BY c.conrelid, c.conname
