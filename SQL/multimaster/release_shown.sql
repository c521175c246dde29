-- Lets rows out of quarantine that a batch has shown, or superseded.
-- Takes: {sync}, {schema}, {table_name} as literals; {stage}, {settled}, {hidden}; {key_texts} the key columns of s as text. Returns:
-- nothing. Reads: the stage. Writes: quarantine.
DELETE FROM switchback.quarantine AS q USING {stage} AS s
 WHERE q.sync = {sync} AND q.schema_name = {schema} AND q.table_name = {table_name} AND q.key_values = ARRAY[{key_texts}]
   AND s.{settled} IS DISTINCT FROM {hidden}
