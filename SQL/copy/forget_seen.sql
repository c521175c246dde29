-- Forgets what others had seen of a source that gives numbers again, until they tell.
-- Takes: $1 sync, $2 the source. Returns: nothing. Reads: nothing. Writes: cursor.
UPDATE switchback.cursor SET seen = seen - $2::text WHERE sync = $1 AND seen ? $2::text
