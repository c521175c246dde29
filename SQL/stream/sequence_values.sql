-- Reads how far sequences have come, at the source.
-- Takes: $1 the sequences' oids. Returns: one row a sequence that was used: oid, last value, increment, least, greatest,
-- whether it cycles, how many values a session takes at once. Reads: the sequences. Writes: nothing.
SELECT seqrelid, pg_sequence_last_value(seqrelid), seqincrement, seqmin, seqmax, seqcycle, seqcache
  FROM pg_sequence
 WHERE seqrelid = ANY ($1::oid[]) AND pg_sequence_last_value(seqrelid) IS NOT NULL
