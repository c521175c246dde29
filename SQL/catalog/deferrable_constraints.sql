-- Lists the constraints that replica role does not check: deferrable unique, primary key and exclusion constraints.
-- Takes: $1 the tables' oids. Returns: one row a constraint: table oid, name, a condition under which rows a and b clash.
-- Reads: pg_constraint, pg_attribute, pg_operator, pg_index. Writes: nothing.
SELECT c.conrelid, c.conname,
       (SELECT string_agg(
                   CASE WHEN c.contype = 'x'
                        THEN format('a.%1$I OPERATOR(%2$I.%3$s) b.%1$I', a.attname, opn.nspname, op.oprname)
                        ELSE format('a.%1$I = b.%1$I', a.attname) END, ' AND ' ORDER BY k.position)
          FROM unnest(c.conkey) WITH ORDINALITY AS k (attnum, position)
          JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
          LEFT JOIN pg_operator AS op ON c.contype = 'x' AND op.oid = c.conexclop[k.position]
          LEFT JOIN pg_namespace AS opn ON opn.oid = op.oprnamespace)
  FROM pg_constraint AS c
  JOIN pg_index AS i ON i.indexrelid = c.conindid
 WHERE c.conrelid = ANY ($1::oid[]) AND c.condeferrable AND c.contype IN ('u', 'p', 'x')
   AND i.indexprs IS NULL AND i.indpred IS NULL
 ORDER BY c.conrelid, c.conname
