-- Tells what a source keeps for receivers that are away.
-- Takes: nothing. Returns: sync, receiver, since when it has been away, bytes. Reads: receiver, what kept_bytes() reads. Writes: nothing.
SELECT sync, receiver, date_trunc('second', away_since)::text, switchback.kept_bytes(sync, receiver)
  FROM switchback.receiver WHERE away_since IS NOT NULL ORDER BY 1, 2
