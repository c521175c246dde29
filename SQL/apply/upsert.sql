-- Writes one row: inserts it, or makes an existing row of its key equal to it. A row that is equal already is not rewritten.
-- Takes: {table}, {columns}, {parameters} $1, $2, …; {keys}; {assignments}; {existing} and {incoming} the columns to compare.
-- Returns: nothing. Reads and writes: the table.
INSERT INTO {table} AS t ({columns}) OVERRIDING SYSTEM VALUE VALUES ({parameters})
ON CONFLICT ({keys}) {action}
