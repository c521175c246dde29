-- Takes rows out of a receiver's table that its source keeps out, and keeps them in the history. In replica role, so that it is no change of the
-- receiver's own.
-- Takes: {sync}, {source}, {schema}, {table_name}, {reason}, {columns} as literals; {values} the columns of t as text; {target}; {rows} the stage of
-- the source's quarantine, {is_row} the condition that q has the key of t. Returns: nothing. Reads: the stage. Writes: the table, history.
WITH gone AS (
    DELETE FROM {target} AS t USING {rows} AS q WHERE {is_row} RETURNING ARRAY[{values}] AS row_values)
INSERT INTO switchback.history (sync, source, schema_name, table_name, reason, columns, row_values)
SELECT {sync}, {source}, {schema}, {table_name}, {reason}, {columns}, gone.row_values FROM gone
