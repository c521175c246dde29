-- Counts the versions that lost conflicts, those of them that wait for a person, and the rows in quarantine.
-- Takes: nothing. Returns: the three counts. Reads: conflict, quarantine. Writes: nothing.
SELECT count(*), count(*) FILTER (WHERE held), (SELECT count(*) FROM switchback.quarantine) FROM switchback.conflict
