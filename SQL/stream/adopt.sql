-- Captures the rows of partitions that came or went.
-- Takes: $1 the ids of partitioned tables. Returns: one row a table. Reads and writes: what adopt_partitions() does.
SELECT switchback.adopt_partitions(id) FROM unnest($1::int[]) AS id ORDER BY id
