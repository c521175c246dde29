-- Lists what a Bucardo catalogue is made of, so that one of another version is told before it is read.
-- Takes: nothing. Returns: one row a column of a table in the schema bucardo: table, column. No row: there is no catalogue.
-- Reads: pg_class, pg_namespace, pg_attribute. Writes: nothing.
SELECT c.relname AS relation, a.attname AS name
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
 WHERE n.nspname = 'bucardo' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY c.relname, a.attnum
