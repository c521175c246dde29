-- Puts a row into quarantine. One that was there stays, with the reason as it is now.
-- Takes: $1 sync, $2 schema, $3 table, $4 columns, $5 the key's values, $6 the row's, $7 origin, $8 transaction, $9 microseconds, $10
-- SQLSTATE, $11 the constraint or null, $12 the reason. Returns: nothing. Reads and writes: quarantine.
INSERT INTO switchback.quarantine
    (sync, schema_name, table_name, columns, key_values, row_values, origin, txid, stamp, sqlstate, constraint_name, reason)
VALUES ($1, $2, $3, $4::text[], $5::text[], $6::text[], $7, $8::bigint, to_timestamp($9::bigint / 1000000.0), $10, $11, $12)
ON CONFLICT (sync, schema_name, table_name, switchback.key_digest(key_values)) DO UPDATE
   SET columns = excluded.columns, row_values = excluded.row_values, origin = excluded.origin, txid = excluded.txid,
       stamp = excluded.stamp, sqlstate = excluded.sqlstate, constraint_name = excluded.constraint_name, reason = excluded.reason
