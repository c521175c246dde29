-- Inserts some of the staged rows.
-- Takes: {table}, {columns}, {staged} the columns of s, {stage}; $1 their places in the stage. Returns: nothing. Reads: the
-- stage. Writes: the table.
INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {staged} FROM {stage} AS s WHERE s.ctid = ANY ($1::tid[])
