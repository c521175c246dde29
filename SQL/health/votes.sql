-- What all observers said last. Ages are by the node's own clock, which also wrote the times.
-- Takes: nothing. Returns: a row for each observer and site: both, state, reason, for how many seconds it has been so, how
-- many seconds ago it was said, the checks as JSON, the site that it takes for the active one, of which epoch. Reads: vote. Writes: nothing.
SELECT observer, site, state, reason, extract(epoch FROM clock_timestamp() - changed_at),
       greatest(0, extract(epoch FROM clock_timestamp() - at)), checks::text,
       active, epoch
  FROM switchback.vote
 ORDER BY observer, site
