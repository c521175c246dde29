-- Empties one delta table, if every receiver has passed all of it and no transaction is using it.
-- Takes: $1 the table's id, $2 the delta table. Returns: whether it was emptied. Reads: what horizon() reads, the delta
-- table. Writes: the delta table.
SELECT switchback.trim($1::int, $2::regclass)
