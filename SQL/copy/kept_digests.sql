-- Tells which rows of a table a source keeps in quarantine and does not show, by the digests of their keys.
-- Takes: {sync}, {schema}, {table_name} as literals; {key_text} the text of the key of q; {table}, {is_row} the condition that q has the key of t.
-- Returns: digests. Reads: quarantine, the table. Writes: nothing.
SELECT md5({key_text}) FROM switchback.quarantine AS q
 WHERE q.sync = {sync} AND q.schema_name = {schema} AND q.table_name = {table_name}
   AND NOT EXISTS (SELECT FROM {table} AS t WHERE {is_row})
