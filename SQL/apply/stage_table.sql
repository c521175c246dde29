-- Makes the temporary table that the incoming rows of one table are staged in, once a session; it is empty again
-- when the transaction ends.
-- Takes: {stage}, {table}, {columns}. Returns: nothing. Reads: the catalogue. Writes: the catalogue's temporary part.
CREATE TEMPORARY TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS AS SELECT true AS switchback_alive, {columns} FROM {table} WITH NO DATA
