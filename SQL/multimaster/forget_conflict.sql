-- Takes a version off the list of those that lost: it won again, for what it had lost to was superseded.
-- Takes: $1 sync, $2 schema, $3 table, $4 the key's values, $5 origin, $6 transaction. Returns: nothing. Reads: nothing.
-- Writes: conflict.
DELETE FROM switchback.conflict
 WHERE sync = $1 AND schema_name = $2 AND table_name = $3 AND switchback.key_digest(key_values) = switchback.key_digest($4::text[])
   AND loser_origin = $5 AND loser_txid = $6::bigint
