-- Tells whether a whole table is on its way: truncated, or changed and carried by full copy.
-- Takes: $1 the table's id, $2 and $3 the window. Returns: one row, a boolean. Reads: mark. Writes: nothing.
SELECT EXISTS (
    SELECT FROM switchback.mark WHERE table_id = $1::int AND (txid >= $2::bigint OR txid = ANY ($3::bigint[])))
