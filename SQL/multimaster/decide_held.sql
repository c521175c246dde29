-- Notes that a person has decided about a row whose conflict was held.
-- Takes: $1 sync, $2 schema, $3 table, $4 the key's values. Returns: nothing. Reads: nothing. Writes: conflict.
UPDATE switchback.conflict SET held = false
 WHERE held AND sync = $1 AND schema_name = $2 AND table_name = $3 AND key_values = $4::text[]
