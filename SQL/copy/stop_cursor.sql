-- Stops a stream that is to begin anew, before anything else of it changes. Until it has begun, its cursor belongs to no
-- source: should the copy end here, the next one begins anew as well.
-- Takes: $1 sync, $2 source. Returns: the batch of its cursor, if there is one. Reads: nothing. Writes: cursor.
UPDATE switchback.cursor SET state = 'copying', batch = batch + 1, source_system_identifier = ''
 WHERE sync = $1 AND source = $2
RETURNING batch
