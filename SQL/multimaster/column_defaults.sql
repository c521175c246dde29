-- Tells what rows that were there before a column came have in it, or what those get that are inserted without it.
-- Takes: $1 the table's oid, $2 the columns. Returns: a row a column of which that is known: its name, the value as text that rows of before have where the
-- server keeps it, the expression of the default or null. Reads: pg_attribute, pg_attrdef. Writes: nothing.
SELECT a.attname, CASE WHEN a.atthasmissing THEN (a.attmissingval::text::text[])[1] END, pg_get_expr(d.adbin, d.adrelid)
  FROM pg_attribute AS a
  LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = $1::oid AND a.attname = ANY ($2::text[]) AND a.attgenerated = '' AND (a.atthasmissing OR d.oid IS NOT NULL)
