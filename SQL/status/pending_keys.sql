-- Reads the keys of some of the rows that were changed in a window, from one delta table, each part by the index.
-- Takes: {delta} the delta table; {key} the key of the row at place n, as text; $1 the first transaction that had not begun, $2
-- those that were running, $3 how many keys. Returns: keys. Reads: the delta table. Writes: nothing.
WITH changed AS (
    (SELECT * FROM {delta} WHERE txid >= $1::bigint ORDER BY txid LIMIT 20)
    UNION ALL
    (SELECT * FROM {delta} WHERE txid = ANY ($2::bigint[]) LIMIT 20)
)
SELECT DISTINCT {key}
  FROM changed AS d
 CROSS JOIN generate_series(1, $3::integer) AS n
 WHERE n <= cardinality(d.k1)
 ORDER BY 1
 LIMIT $3::integer
