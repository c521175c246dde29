-- Notes at a receiver that a table belongs to no stream any more. One of that name that comes later is to be copied.
-- Takes: {schema}, {table} as literals. Returns: nothing. Reads: nothing. Writes: table_state.
DELETE FROM switchback.table_state WHERE schema_name = {schema} AND table_name = {table}
