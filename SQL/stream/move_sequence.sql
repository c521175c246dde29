-- Moves a sequence at the receiver, and never back.
-- Takes: $1 its oid, $2 the value that counts as handed out last, $3 the source's increment, $4 whether it cycles, so that
-- no value lies behind another. Returns: the value, if it was moved. Reads and writes: the sequence.
SELECT setval($1::oid::regclass, $2::bigint)
 WHERE $4::boolean
    OR CASE WHEN $3::bigint > 0 THEN coalesce(pg_sequence_last_value($1::oid) < $2::bigint, true)
            ELSE coalesce(pg_sequence_last_value($1::oid) > $2::bigint, true) END
