-- Locks a row, if it is there, until the transaction ends.
-- Takes: {table} the table with ONLY where it may have inheritance children, {condition} on t. Returns: a row if it is there. Reads: the table.
-- Writes: nothing; the row is locked.
SELECT FROM {table} AS t WHERE {condition} FOR UPDATE
