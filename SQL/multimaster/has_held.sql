-- Tells whether some conflict of a sync waits for a person here.
-- Takes: $1 the sync. Returns: one row, a boolean. Reads: conflict. Writes: nothing.
SELECT EXISTS (SELECT FROM switchback.conflict WHERE held AND sync = $1)
