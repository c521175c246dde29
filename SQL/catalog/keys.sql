-- Lists the indexes that could serve as the keys of tables: valid, unique, over plain columns that are all NOT NULL,
-- without a condition. The best of a table comes first: the primary key, then those that are not deferrable, then
-- those with the fewest columns.
-- Takes: $1 the tables' oids. Returns: one row an index column: table oid, index oid, index name, whether it is checked at once
-- (not deferrable), column name, the equality operator of the column's operator class, qualified.
-- Reads: pg_index, pg_opclass, pg_amop, pg_operator. Writes: nothing.
SELECT i.indrelid, i.indexrelid, ic.relname, i.indimmediate, a.attname,
       'OPERATOR(' || quote_ident(opn.nspname) || '.' || op.oprname || ')'
  FROM pg_index AS i
  JOIN pg_class AS ic ON ic.oid = i.indexrelid
  CROSS JOIN LATERAL generate_series(0, i.indnkeyatts - 1) AS position
  JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[position]
  JOIN pg_opclass AS oc ON oc.oid = i.indclass[position]
  JOIN pg_amop AS ao ON ao.amopfamily = oc.opcfamily AND ao.amopstrategy = 3
       AND ao.amoplefttype = oc.opcintype AND ao.amoprighttype = oc.opcintype
  JOIN pg_operator AS op ON op.oid = ao.amopopr
  JOIN pg_namespace AS opn ON opn.oid = op.oprnamespace
 WHERE i.indrelid = ANY ($1::oid[]) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
   AND NOT EXISTS (
       SELECT FROM generate_series(0, i.indnkeyatts - 1) AS p
         JOIN pg_attribute AS nullable ON nullable.attrelid = i.indrelid AND nullable.attnum = i.indkey[p]
        WHERE NOT nullable.attnotnull)
 ORDER BY i.indrelid, i.indisprimary DESC, i.indimmediate DESC, i.indnkeyatts, ic.relname, position
