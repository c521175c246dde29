-- Tells whether a table has a row of some key.
-- Takes: {target}, {condition} on t, of the parameters. Returns: one row, whether it has. Reads: the table. Writes: nothing.
SELECT EXISTS (SELECT FROM {target} AS t WHERE {condition})
