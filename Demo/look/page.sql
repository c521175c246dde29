-- What the page tells.
-- Takes: nothing. Returns: the number of communities and of transactions of the writers. Reads: community, receipt. Writes: nothing.
SELECT (SELECT count(*) FROM community), (SELECT count(*) FROM receipt)
