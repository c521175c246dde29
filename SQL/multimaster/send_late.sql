-- Sends once more what was written here while a batch was being committed that had found nothing under its key: whoever read the one before the other was
-- committed weighs them against one another, and here the write has taken the other's place. It keeps its time, and has now seen the batch.
-- Takes: {delta}, {turn} its turn; {late} the query multimaster/late_writes; {keys} k1, k2, …; {arrays} arrays of them; {more} further columns. Returns: nothing.
-- Reads: what {late} reads. Writes: one of the two delta tables.
INSERT INTO switchback.{delta} (txid, at, op, rows, {keys}{more})
SELECT pg_current_xact_id()::text::bigint, e.at, 'd', 1, {arrays}{more} FROM ({late}) AS e
 WHERE (pg_current_xact_id()::text::bigint >> 13) & 1 = {turn}
