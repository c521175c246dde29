-- Reads all rows of one table, for a table that is carried whole.
-- Takes: {table}, {columns} of t, with what the stage begins with; {filter}. Returns: one row a row. Reads: the table.
-- Writes: nothing.
SELECT {columns} FROM {table} AS t{filter}
