-- Tells whether a table, or a partition of it, was emptied or rewritten since this transaction's snapshot was taken. TRUNCATE
-- and some forms of ALTER TABLE change files and not rows, so that a reader who comes later sees what no snapshot held.
-- To be asked when the tables are locked, if only for reading: then none of it can happen any more.
-- Takes: $1 their oids. Returns: one row, a boolean. Reads: pg_class. Writes: nothing.
SELECT EXISTS (
    SELECT FROM unnest($1::oid[]) AS read (relation)
     CROSS JOIN LATERAL (
        SELECT relation AS part
        UNION ALL
        SELECT relid::oid FROM pg_partition_tree(relation::regclass) WHERE isleaf) AS parts
      LEFT JOIN pg_class AS c ON c.oid = part
     WHERE c.relfilenode IS DISTINCT FROM coalesce(pg_relation_filenode(part), 0))
