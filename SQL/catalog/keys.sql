-- Lists the indexes that could serve as the keys of tables: valid, unique, over plain columns that are all NOT NULL,
-- without a condition, and with the notion of equality that DISTINCT and = have for the columns. The best of a table
-- comes first: the primary key, then those that are checked at once, then those with the fewest columns.
-- Takes: $1 the tables' oids. Returns: one row an index column: table oid, index oid, index name, whether it is checked at once
-- and ON CONFLICT can use it (not deferrable, not WITHOUT OVERLAPS), column name, the column's equality operator, qualified.
-- Reads: pg_index, pg_attribute, pg_constraint, pg_opclass, pg_amop, pg_operator, pg_collation. Writes: nothing.
WITH equality (class, operator) AS (
    -- The equality of every B-tree operator class that does not differ from its type's own.
    SELECT oc.oid, ao.amopopr
      FROM pg_opclass AS oc
      JOIN pg_amop AS ao ON ao.amopfamily = oc.opcfamily AND ao.amopstrategy = 3
           AND ao.amoplefttype = oc.opcintype AND ao.amoprighttype = oc.opcintype
     WHERE oc.opcmethod = (SELECT oid FROM pg_am WHERE amname = 'btree')
       AND (oc.opcdefault OR EXISTS (
           SELECT FROM pg_opclass AS usual
             JOIN pg_amop AS o ON o.amopfamily = usual.opcfamily AND o.amopstrategy = 3
                  AND o.amoplefttype = usual.opcintype AND o.amoprighttype = usual.opcintype
            WHERE usual.opcmethod = oc.opcmethod AND usual.opcdefault AND o.amopopr = ao.amopopr))
)
SELECT i.indrelid, i.indexrelid, ic.relname, i.indimmediate, a.attname,
       'OPERATOR(' || quote_ident(opn.nspname) || '.' || op.oprname || ')'
  FROM pg_index AS i
  JOIN pg_class AS ic ON ic.oid = i.indexrelid
 CROSS JOIN LATERAL generate_series(0, i.indnkeyatts - 1) AS position
  JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[position]
  JOIN equality AS e ON e.class = i.indclass[position]
  JOIN pg_operator AS op ON op.oid = e.operator
  JOIN pg_namespace AS opn ON opn.oid = op.oprnamespace
 WHERE i.indrelid = ANY ($1::oid[]) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
   AND NOT i.indisexclusion
   AND NOT EXISTS (
       SELECT FROM generate_series(0, i.indnkeyatts - 1) AS p
         JOIN pg_attribute AS c ON c.attrelid = i.indrelid AND c.attnum = i.indkey[p]
         LEFT JOIN pg_collation AS own ON own.oid = c.attcollation
         LEFT JOIN pg_collation AS used ON used.oid = i.indcollation[p]
        WHERE NOT c.attnotnull
              -- NOT NULL that was never validated says nothing of the rows that were there before.
           OR EXISTS (SELECT FROM pg_constraint AS n
                       WHERE n.conrelid = c.attrelid AND n.contype = 'n' AND n.conkey[1] = c.attnum
                         AND NOT n.convalidated)
           OR NOT EXISTS (SELECT FROM equality WHERE class = i.indclass[p])
              -- Two collations agree on what is equal when both are deterministic.
           OR (own.oid <> used.oid AND NOT (own.collisdeterministic AND used.collisdeterministic)))
 ORDER BY i.indrelid, i.indisprimary DESC, i.indimmediate DESC, i.indnkeyatts, ic.relname, position
