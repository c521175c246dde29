-- Tells of one version of a row that was settled.
-- Takes: {versions}, {keys} k1, k2, …, {parameters} their values; {origin}, {txid}, {micros}, {alive}, {stored}, {context}, {as_of} the parameters that
-- follow; {more} further columns, and {more_values} theirs. Returns: nothing. Reads: nothing. Writes: the versions.
INSERT INTO switchback.{versions} ({keys}, origin, txid, at, alive, stored, context, as_of{more})
VALUES ({parameters}, {origin}, {txid}::bigint, to_timestamp({micros}::bigint / 1000000.0), {alive}::boolean, {stored}::jsonb, {context}::jsonb, {as_of}::pg_snapshot{more_values})
