-- Lists the rows that are in quarantine at this node, the latest first.
-- Takes: $1 the sync, $2 schema and table, $3 since, $4 until; each null for all; $5 how many at most. Returns: id, sync, schema,
-- table, at, columns, key's values, the row's, origin, SQLSTATE, constraint or null, reason; arrays as JSON. Reads: quarantine.
-- Writes: nothing.
SELECT id, sync, schema_name, table_name, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       array_to_json(columns), array_to_json(key_values), array_to_json(row_values), origin, sqlstate, constraint_name, reason
  FROM switchback.quarantine AS q
 WHERE ($1::text IS NULL OR sync = $1)
   AND ($2::text IS NULL OR schema_name || '.' || table_name = $2)
   AND ($3::timestamptz IS NULL OR at >= $3::timestamptz)
   AND ($4::timestamptz IS NULL OR at < $4::timestamptz)
 ORDER BY q.at DESC, id DESC LIMIT $5::bigint
