-- Counts the versions that lost conflicts, those of them that wait for a person, the rows in quarantine, and the versions that
-- were removed from the history.
-- Takes: nothing. Returns: the four counts. Reads: conflict, quarantine, removed_history. Writes: nothing.
SELECT count(*), count(*) FILTER (WHERE held), (SELECT count(*) FROM switchback.quarantine),
       (SELECT coalesce(sum(conflicts), 0) FROM switchback.removed_history)
  FROM switchback.conflict
