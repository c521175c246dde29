-- Notes at a node that a table has another name: where it has joined streams, and for the rows that are kept out of it and the history of its
-- conflicts.
-- Takes: {old_schema}, {old_table}, {schema}, {table} as literals. Returns: nothing. Reads: nothing. Writes: table_state, quarantine, conflict.
UPDATE switchback.table_state SET schema_name = {schema}, table_name = {table}
 WHERE schema_name = {old_schema} AND table_name = {old_table};
UPDATE switchback.quarantine SET schema_name = {schema}, table_name = {table}
 WHERE schema_name = {old_schema} AND table_name = {old_table};
UPDATE switchback.conflict SET schema_name = {schema}, table_name = {table}
 WHERE schema_name = {old_schema} AND table_name = {old_table}
