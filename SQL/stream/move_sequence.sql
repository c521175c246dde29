-- Moves a sequence at the receiver, and never back.
-- Takes: $1 its oid, $2 the value that counts as handed out last, $3 the source's increment, $4 whether it cycles, so that
-- no value lies behind another, $5 whether only while the receiver's fence is closed. Returns: the value, if it was moved. Reads: fence_state. Reads and writes: the sequence.
SELECT setval($1::oid::regclass, $2::bigint)
 WHERE (NOT $5::boolean OR pg_sequence_last_value('switchback.fence_state') & 1 = 1)
   AND ($4::boolean OR
       CASE WHEN $3::bigint > 0 THEN coalesce(pg_sequence_last_value($1::oid) < $2::bigint, true)
            ELSE coalesce(pg_sequence_last_value($1::oid) > $2::bigint, true) END)
