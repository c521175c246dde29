-- Lists the versions that lost conflicts, as this node found them, the latest first.
-- Takes: $1 the sync, $2 schema and table, $3 an origin that either side must have, $4 since, $5 until; each null for all; $6 how
-- many at most. Returns: sync, schema, table, rule, held, at, columns, key's values, then origin, transaction, time and values of
-- the winner and of the loser; arrays in their text form. Reads: conflict. Writes: nothing.
SELECT sync, schema_name, table_name, rule, held, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       array_to_json(columns), array_to_json(key_values),
       winner_origin, winner_txid, to_char(winner_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), array_to_json(winner_values),
       loser_origin, loser_txid, to_char(loser_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), array_to_json(loser_values)
  FROM switchback.conflict AS c
 WHERE ($1::text IS NULL OR sync = $1)
   AND ($2::text IS NULL OR schema_name || '.' || table_name = $2)
   AND ($3::text IS NULL OR $3 IN (winner_origin, loser_origin))
   AND ($4::timestamptz IS NULL OR at >= $4::timestamptz)
   AND ($5::timestamptz IS NULL OR at < $5::timestamptz)
 ORDER BY c.at DESC, id DESC LIMIT $6::bigint
