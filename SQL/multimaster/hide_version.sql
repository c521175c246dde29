-- Keeps a version whole that the table cannot show. One that it did not show stays as it was told of: the row was made from several.
-- Takes: {versions}, {keys} k1, k2, …, {parameters} their values; {origin}, {txid}, {micros}, {stored}, {context}, {as_of} the parameters that
-- follow; {more} further columns, and {more_values} theirs. Returns: nothing. Reads: nothing. Writes: the versions.
INSERT INTO switchback.{versions} AS v ({keys}, origin, txid, at, alive, stored, context, as_of{more})
VALUES ({parameters}, {origin}, {txid}::bigint, to_timestamp({micros}::bigint / 1000000.0), true, {stored}::jsonb, {context}::jsonb, {as_of}::pg_snapshot{more_values})
ON CONFLICT ({keys}, origin) DO UPDATE SET txid = excluded.txid, at = excluded.at, alive = true, stored = excluded.stored
 WHERE v.txid <> excluded.txid OR v.alive AND v.stored IS NULL
