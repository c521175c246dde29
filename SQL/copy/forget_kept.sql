-- Lets rows out of a receiver's quarantine that its source has seen and does not keep out: there they are shown, or are no more. They are kept in
-- the history.
-- Takes: {sync}, {source}, {schema}, {table_name}, {reason} as literals; {rows} the stage of the source's quarantine; {unseen} whether the source has
-- not seen q. Returns: nothing. Reads: the stage. Writes: quarantine, history.
WITH gone AS (
    DELETE FROM switchback.quarantine AS q
     WHERE q.sync = {sync} AND q.schema_name = {schema} AND q.table_name = {table_name} AND NOT ({unseen})
       AND NOT EXISTS (SELECT FROM {rows} AS s WHERE switchback.key_digest(s.key_values) = switchback.key_digest(q.key_values))
    RETURNING q.columns, q.row_values)
INSERT INTO switchback.history (sync, source, schema_name, table_name, reason, columns, row_values)
SELECT {sync}, {source}, {schema}, {table_name}, {reason}, gone.columns, gone.row_values FROM gone
