-- Tells whether a node is lost to this one.
-- Takes: $1 sync, $2 the node. Returns: at most one row: when it was declared, since when it had been away or null, why. Reads: lost.
-- Writes: nothing.
SELECT date_trunc('second', declared_at)::text, date_trunc('second', away_since)::text, reason
  FROM switchback.lost WHERE sync = $1 AND node = $2
