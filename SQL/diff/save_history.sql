-- Keeps rows in the history before a repair overwrites or deletes them, whole, each value in its type's text form.
-- Takes: {sync}, {source}, {schema}, {table_name}, {reason}, {columns} as literals; {values} the columns as text; {key_text}; {table}.
-- Returns: nothing. Reads: the table, switchback_digest. Writes: history.
INSERT INTO switchback.history (sync, source, schema_name, table_name, reason, columns, row_values)
SELECT {sync}, {source}, {schema}, {table_name}, {reason}, {columns}, ARRAY[{values}]
  FROM {table} AS t
 WHERE md5({key_text}) IN (SELECT digest FROM switchback_digest)
