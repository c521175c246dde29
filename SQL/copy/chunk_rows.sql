-- Reads the rows of one chunk.
-- Takes: {columns}, {part}, {first_block}, {end} a condition or nothing, {filter}. Returns: rows. Reads: the part. Writes: nothing.
SELECT {columns} FROM ONLY {part} AS t WHERE t.ctid >= '({first_block},0)'::tid{end}{filter}
