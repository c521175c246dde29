-- How much a database holds.
-- Takes: nothing. Returns: the number of tables, of rows by the statistics, and the bytes of tables and indexes.
-- Reads: the catalogue. Writes: nothing.
SELECT count(*) FILTER (WHERE relkind = 'p' OR NOT relispartition),
       sum(greatest(reltuples, 0)) FILTER (WHERE relkind = 'r')::bigint, sum(pg_total_relation_size(oid))::bigint
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
