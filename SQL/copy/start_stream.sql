-- Lets a stream go on, once all its tables are copied.
-- Takes: $1 sync, $2 source. Returns: nothing. Reads: nothing. Writes: cursor.
UPDATE switchback.cursor SET state = 'streaming', source_forgets = false WHERE sync = $1 AND source = $2
