-- Captures the rows of partitions that came or went since the table was last looked at.
-- Takes: {id}. Returns: one row. Reads and writes: what adopt_partitions() does.
SELECT switchback.adopt_partitions({id})
