-- Reads the keys of the rows that a repair is about.
-- Takes: {keys}, {key_text}, {table}. Returns: the keys. Reads: the table, switchback_digest. Writes: nothing.
SELECT {keys} FROM {table} AS t WHERE md5({key_text}) IN (SELECT digest FROM switchback_digest)
