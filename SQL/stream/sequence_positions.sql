-- Reads where sequences stand, at the source.
-- Takes: $1 the sequences' oids. Returns: one row a sequence: oid, the value handed out last, or, where none was, that will
-- be the first, whether one was, increment, least, greatest, whether it cycles, how many values a session takes at once, whether the source's
-- fence is closed, so that no value is handed out.
-- Reads: pg_sequence, fence_state, the sequences. Writes: nothing.
SELECT s.seqrelid, coalesce(last.value, switchback.first_value(s.seqrelid)), last.value IS NOT NULL, s.seqincrement,
       s.seqmin, s.seqmax, s.seqcycle, s.seqcache,
       coalesce(pg_sequence_last_value('switchback.fence_state'), 0) & 1 = 1
  FROM pg_sequence AS s
 CROSS JOIN LATERAL (SELECT pg_sequence_last_value(s.seqrelid) AS value OFFSET 0) AS last
 WHERE s.seqrelid = ANY ($1::oid[])
