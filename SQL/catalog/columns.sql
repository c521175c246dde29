-- Lists the columns of tables.
-- Takes: $1 the tables' oids. Returns: one row a column, in the tables' order: table oid, attribute number, name, type
-- with its modifier, type without it (qualified and quoted, fit for a column definition), collation clause or null,
-- not null, generated, identity ('a', 'd' or ''), whether the type is an array or a domain over one.
-- Reads: pg_attribute, pg_type, pg_collation. Writes: nothing.
SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
       quote_ident(tn.nspname) || '.' || quote_ident(t.typname),
       CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation
            THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END,
       a.attnotnull, a.attgenerated <> '', a.attidentity,
       t.typcategory = 'A'
  FROM pg_attribute AS a
  JOIN pg_type AS t ON t.oid = a.atttypid
  JOIN pg_namespace AS tn ON tn.oid = t.typnamespace
  LEFT JOIN pg_collation AS co ON co.oid = a.attcollation
  LEFT JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
 WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum
