-- Counts the versions that lost conflicts, and those of them that wait for a person.
-- Takes: nothing. Returns: both counts. Reads: conflict. Writes: nothing.
SELECT count(*), count(*) FILTER (WHERE held) FROM switchback.conflict
