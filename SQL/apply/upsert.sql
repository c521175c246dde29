-- Writes rows: inserts each, or makes an existing row of its key equal to it. A row that is equal already is not rewritten.
-- Takes: {table}, {columns}, {rows} ($1, $2, …), …; {keys}; {assignments}; {existing} and {incoming} the columns to compare.
-- Returns: nothing. Reads and writes: the table.
INSERT INTO {table} AS t ({columns}) OVERRIDING SYSTEM VALUE VALUES {rows}
ON CONFLICT ({keys}) {action}
