-- Pauses or resumes a stream, at its receiver.
-- Takes: $1 sync, $2 source, $3 whether to pause. Returns: a row if there is such a stream. Reads: nothing. Writes: cursor.
UPDATE switchback.cursor SET paused = $3::boolean WHERE sync = $1 AND source = $2 RETURNING 1
