-- Lets rows out of quarantine that a batch has shown, or superseded, also by a row that is kept out itself and has the key in another text.
-- Takes: {sync}, {schema}, {table_name} as literals; {stage}, {settled}, {hidden}; {same_key} the condition that q has the key of s, {key_texts}
-- the key columns of s as text. Returns: nothing. Reads: the stage. Writes: quarantine.
DELETE FROM switchback.quarantine AS q USING {stage} AS s
 WHERE q.sync = {sync} AND q.schema_name = {schema} AND q.table_name = {table_name} AND {same_key}
   AND (s.{settled} IS DISTINCT FROM {hidden} OR q.key_values <> ARRAY[{key_texts}])
