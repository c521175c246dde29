-- Reads all rows of one table, for a table that is carried whole.
-- Takes: {table}, {columns}, {filter}. Returns: one row a row: true, then the columns. Reads: the table. Writes: nothing.
SELECT true, {columns} FROM {table} AS t{filter}
