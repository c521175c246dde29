-- Deletes one row by its key.
-- Takes: {table}, {condition} on t. Returns: nothing. Reads and writes: the table.
DELETE FROM {table} AS t WHERE {condition}
