-- Has the versions that are kept here travel once more, in a sync with links, for a node that joins.
-- Takes: $1 the sync. Returns: nothing. Reads and writes: what tell_again() does.
SELECT switchback.tell_again($1)
