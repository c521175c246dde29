-- Notes at a receiver that a table which has joined its streams has another name.
-- Takes: {old_schema}, {old_table}, {schema}, {table} as literals. Returns: nothing. Reads: nothing. Writes: table_state.
UPDATE switchback.table_state SET schema_name = {schema}, table_name = {table}
 WHERE schema_name = {old_schema} AND table_name = {old_table}
