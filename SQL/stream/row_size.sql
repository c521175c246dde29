-- Tells of a row whether it is too large to be held in memory with others.
-- Takes: {size} about how many bytes t has, {limit}. Returns: one row: whether it has more. Reads: t. Writes: nothing.
 CROSS JOIN LATERAL (SELECT {size} > {limit} AS large OFFSET 0) AS size
