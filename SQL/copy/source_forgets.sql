-- Tells whether a stream that was begun anew, and does not carry yet, was begun with a source that is at an earlier moment than its receiver knew it.
-- Takes: $1 sync, $2 source. Returns: a boolean, or no row. Reads: cursor. Writes: nothing.
SELECT source_forgets FROM switchback.cursor WHERE sync = $1 AND source = $2 AND state = 'copying'
