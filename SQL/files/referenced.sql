-- The files that the rows of a table name, each once.
-- Takes: {table}, {column}: quoted identifiers.
-- Returns: path text.
-- Reads: {table}.
-- Writes: nothing.
SELECT DISTINCT {column}::text FROM {table} WHERE {column} IS NOT NULL
