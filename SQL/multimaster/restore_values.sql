-- Gives a row the values of an earlier version of it, as an application would: it is captured, and travels as a new change.
-- Takes: {table} the table with ONLY where it may have inheritance children, {assignments} of the columns that are not the key's, {condition} on t.
-- Returns: nothing. Reads: nothing. Writes: the table.
UPDATE {table} AS t SET {assignments} WHERE {condition}
