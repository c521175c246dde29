-- Keeps what was brought together of counters.
-- Takes: {counters}; {keys}; {joined} multimaster/joined_counts. Returns: nothing. Reads: the counts. Writes: the counters.
INSERT INTO switchback.{counters} AS x ({keys}, counter, origin, sum, changes)
SELECT * FROM ({joined}) AS c
    ON CONFLICT ({keys}, counter, origin) DO UPDATE SET sum = excluded.sum, changes = excluded.changes
 WHERE CASE WHEN x.origin <> '' THEN excluded.changes > x.changes
            ELSE (- excluded.changes, excluded.sum) > (- x.changes, x.sum) END
