-- Stops a stream that is to begin anew, before anything else of it changes.
-- Takes: $1 sync, $2 source. Returns: the batch of its cursor, if there is one. Reads: nothing. Writes: cursor.
UPDATE switchback.cursor SET state = 'copying', batch = batch + 1 WHERE sync = $1 AND source = $2 RETURNING batch
