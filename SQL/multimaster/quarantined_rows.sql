-- Reads the rows of one table that are in quarantine.
-- Takes: $1 sync, $2 schema, $3 table. Returns: id, columns, values, origin, transaction, microseconds. Reads: quarantine.
-- Writes: nothing.
SELECT id, array_to_json(columns), array_to_json(row_values), origin, txid, (extract(epoch FROM stamp) * 1000000)::bigint
  FROM switchback.quarantine WHERE sync = $1 AND schema_name = $2 AND table_name = $3 ORDER BY id
