-- Notes that a person has decided about a row whose conflict was held.
-- Takes: $1 sync, $2 schema, $3 table, $4 the key's values as text; {same_key} the condition that c has that key. Returns: nothing. Reads: nothing.
-- Writes: conflict.
UPDATE switchback.conflict AS c SET held = false
 WHERE c.held AND c.sync = $1 AND c.schema_name = $2 AND c.table_name = $3 AND {same_key}
