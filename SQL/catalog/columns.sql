-- Lists the columns of tables.
-- Takes: $1 the tables' oids. Returns: one row a column, in the tables' order: table oid, attribute number, name, type
-- with its modifier, type without it (qualified and quoted, fit for a column definition), collation clause or null,
-- not null, generated, identity ('a', 'd' or ''), whether the type is an array or a domain over one, the type without its modifier once all domains are taken off,
-- whether there is a default, and how the type and those that it consists of are built, or
-- null when there is nothing to tell.
-- Reads: pg_attribute, pg_type, pg_range, pg_collation. Writes: nothing.
WITH RECURSIVE base (domain, type) AS (
    SELECT oid, typbasetype FROM pg_type WHERE typtype = 'd'
    UNION ALL
    SELECT base.domain, t.typbasetype FROM base JOIN pg_type AS t ON t.oid = base.type WHERE t.typtype = 'd'
), used (root, type) AS (
    SELECT DISTINCT a.atttypid, a.atttypid
      FROM pg_attribute AS a
      JOIN pg_type AS t ON t.oid = a.atttypid
     WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
       AND t.typnamespace <> 'pg_catalog'::regnamespace
    UNION
    SELECT used.root, part.type
      FROM used
      JOIN pg_type AS t ON t.oid = used.type
     CROSS JOIN LATERAL (
         SELECT t.typelem WHERE t.typcategory = 'A' AND t.typelem <> 0
         UNION ALL
         SELECT t.typbasetype WHERE t.typtype = 'd'
         UNION ALL
         SELECT a.atttypid FROM pg_attribute AS a
          WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
         UNION ALL
         SELECT r.rngsubtype FROM pg_range AS r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)) AS part (type)
), built (root, structure) AS (
    SELECT used.root, string_agg(format('%s is %s', format_type(used.type, NULL), definition.text), '; '
                                 ORDER BY format_type(used.type, NULL))
      FROM used
      JOIN pg_type AS t ON t.oid = used.type
     CROSS JOIN LATERAL (
         SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
           FROM pg_attribute AS a
          WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
         UNION ALL
         SELECT format_type(t.typbasetype, t.typtypmod) WHERE t.typtype = 'd'
         UNION ALL
         SELECT format_type(r.rngsubtype, NULL) FROM pg_range AS r WHERE t.oid = r.rngtypid) AS definition (text)
     WHERE definition.text IS NOT NULL AND t.typnamespace <> 'pg_catalog'::regnamespace
     GROUP BY used.root
)
SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
       quote_ident(tn.nspname) || '.' || quote_ident(t.typname),
       CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation
            THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END,
       a.attnotnull, a.attgenerated <> '', a.attidentity, t.typcategory = 'A',
       quote_ident(bn.nspname) || '.' || quote_ident(b.typname), a.atthasdef, built.structure
  FROM pg_attribute AS a
  JOIN pg_type AS t ON t.oid = a.atttypid
  JOIN pg_namespace AS tn ON tn.oid = t.typnamespace
  LEFT JOIN pg_collation AS co ON co.oid = a.attcollation
  LEFT JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
  JOIN pg_type AS b
    ON b.oid = CASE WHEN t.typtype = 'd'
                    THEN (SELECT base.type FROM base JOIN pg_type AS last ON last.oid = base.type
                           WHERE base.domain = t.oid AND last.typtype <> 'd')
                    ELSE t.oid END
  JOIN pg_namespace AS bn ON bn.oid = b.typnamespace
  LEFT JOIN built ON built.root = a.atttypid
 WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum
