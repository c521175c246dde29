-- Counts what a stream has still to carry of one table: rows that changed past its cursor, and how long the oldest of the
-- changes has waited.
-- Takes: {keyed} the delta tables' rows in the window. Returns: one row: changes of rows, seconds since the oldest or null.
-- Reads: the delta tables. Writes: nothing.
SELECT coalesce(sum(rows), 0), extract(epoch FROM clock_timestamp() - min(at)) FROM ({keyed}) AS delta
