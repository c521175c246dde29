-- Takes a row out of a table, to make room for one that was written later.
-- Takes: {target}; $1 its place. Returns: nothing. Reads: nothing. Writes: the table.
DELETE FROM {target} AS t WHERE t.ctid = $1::tid
