-- Reads the rows of one chunk.
-- Takes: {columns}, {part}, {blocks} a condition on ctid, {filter}. Returns: rows. Reads: the part. Writes: nothing.
SELECT {columns} FROM ONLY {part} AS t WHERE {blocks}{filter}
