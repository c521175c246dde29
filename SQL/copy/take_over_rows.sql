-- Takes over a source's quarantine.
-- Takes: {sync}, {schema}, {table_name} as literals; {rows} the stage. Returns: nothing. Reads: the stage. Writes: quarantine.
INSERT INTO switchback.quarantine
    (sync, schema_name, table_name, columns, key_values, row_values, origin, txid, stamp, sqlstate, constraint_name, reason)
SELECT {sync}, {schema}, {table_name}, columns, key_values, row_values, origin, txid, stamp, sqlstate, constraint_name, reason FROM {rows}
ON CONFLICT (sync, schema_name, table_name, switchback.key_digest(key_values)) DO UPDATE
   SET columns = excluded.columns, row_values = excluded.row_values, origin = excluded.origin, txid = excluded.txid,
       stamp = excluded.stamp, sqlstate = excluded.sqlstate, constraint_name = excluded.constraint_name, reason = excluded.reason
