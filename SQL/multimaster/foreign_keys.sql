-- Reads the foreign keys of, and to, some tables of a sync, as SQL over p, the row that is referred to, and c, the one that refers. Those
-- to a table whose rows are still being copied here, and those to one that may not be read, are left out.
-- Takes: $1 the sync, $2 the tables' oids. Returns: a row each: oid, name, the oids of the table that refers and of that which is referred to,
-- the name of this one, whether its rows may be locked, when p is c's, when c refers to a row at all, the columns of p and those of c as JSON arrays.
-- Reads: pg_constraint, pg_class, pg_attribute, pg_operator, table_state. Writes: nothing.
SELECT f.oid, f.conname, f.conrelid, f.confrelid, format('%I.%I', n.nspname, r.relname), has_table_privilege(r.oid, 'UPDATE'),
       parts.match, parts.given, parts.referred, parts.referring
  FROM pg_constraint AS f
  JOIN pg_class AS r ON r.oid = f.confrelid
  JOIN pg_namespace AS n ON n.oid = r.relnamespace
 CROSS JOIN LATERAL (
    SELECT string_agg(format('p.%I OPERATOR(%I.%s) c.%I%s', pa.attname, os.nspname, o.oprname, ca.attname,
                             CASE WHEN pa.attcollation <> ca.attcollation THEN
                                 (SELECT format(' COLLATE %I.%I', ln.nspname, l.collname)
                                    FROM pg_collation AS l JOIN pg_namespace AS ln ON ln.oid = l.collnamespace
                                   WHERE l.oid = pa.attcollation) END), ' AND ' ORDER BY k.place),
           string_agg(format('c.%I IS NOT NULL', ca.attname), ' AND ' ORDER BY k.place),
           json_agg(pa.attname ORDER BY k.place), json_agg(ca.attname ORDER BY k.place)
      FROM unnest(f.confkey, f.conkey, f.conpfeqop) WITH ORDINALITY AS k (referred, referring, operator, place)
      JOIN pg_attribute AS pa ON pa.attrelid = f.confrelid AND pa.attnum = k.referred
      JOIN pg_attribute AS ca ON ca.attrelid = f.conrelid AND ca.attnum = k.referring
      JOIN pg_operator AS o ON o.oid = k.operator
      JOIN pg_namespace AS os ON os.oid = o.oprnamespace) AS parts (match, given, referred, referring)
 WHERE f.contype = 'f' AND f.conparentid = 0
   AND (f.conrelid = ANY ($2::oid[]) OR f.confrelid = ANY ($2::oid[]))
   -- From Postgres 18 on a constraint can be there and not be enforced.
   AND to_jsonb(f) ->> 'conenforced' IS DISTINCT FROM 'false'
   AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(r.oid, 'SELECT')
   AND NOT EXISTS (SELECT FROM switchback.table_state AS s
                    WHERE s.sync = $1 AND s.schema_name = n.nspname AND s.table_name = r.relname AND s.state <> 'joined')
 ORDER BY f.conname, f.oid
