-- Inserts all staged rows, into a table that was emptied.
-- Takes: {table}, {stage}, {columns}, {staged} the columns of s, {alive} whether s is there. Returns: nothing.
-- Reads: the stage. Writes: the table.
INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {staged} FROM {stage} AS s WHERE {alive}
