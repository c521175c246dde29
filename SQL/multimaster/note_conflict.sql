-- Keeps a version that lost a conflict, whole, and what it lost to. One that was kept before stays as it was, but for what it
-- lost to, and by which rule.
-- Takes: $1 sync, $2 schema, $3 table, $4 rule, $5 whether it is held, $6 columns, $7 the key's values, $8 to $11 the winner's
-- origin, transaction, microseconds and values, $12 to $15 the loser's. Returns: nothing. Reads and writes: conflict.
INSERT INTO switchback.conflict
    (sync, schema_name, table_name, rule, held, columns, key_values, winner_origin, winner_txid, winner_at, winner_values,
     loser_origin, loser_txid, loser_at, loser_values)
VALUES ($1, $2, $3, $4, $5::boolean, $6::text[], $7::text[],
        $8, $9::bigint, to_timestamp($10::bigint / 1000000.0), $11::text[],
        $12, $13::bigint, to_timestamp($14::bigint / 1000000.0), $15::text[])
ON CONFLICT (sync, schema_name, table_name, switchback.key_digest(key_values), loser_origin, loser_txid) DO UPDATE
   SET winner_origin = excluded.winner_origin, winner_txid = excluded.winner_txid, winner_at = excluded.winner_at,
       winner_values = excluded.winner_values, rule = excluded.rule, held = excluded.held
