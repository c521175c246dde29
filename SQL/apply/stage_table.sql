-- Makes a temporary table that the incoming rows of one table are staged in, once a session; it is empty again when the
-- transaction ends.
-- Takes: {stage}, {table}, {columns} what it has of t: domains without their checks, for of a row that is gone only the
-- key is known. Returns: nothing. Reads: the catalogue. Writes: the catalogue's temporary part.
CREATE TEMPORARY TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS AS SELECT {columns} FROM {table} AS t WITH NO DATA
