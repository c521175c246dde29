-- Deletes a row again, as an application would: it is captured, and travels as a new change.
-- Takes: {table} the table with ONLY where it may have inheritance children, {condition} on t. Returns: nothing.
-- Reads and writes: the table.
DELETE FROM {table} AS t WHERE {condition}
