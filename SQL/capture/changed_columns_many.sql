-- The same for many rows: a delta for each set of columns, and 100,000 rows of it. It is planned whenever it is run, for a
-- plan that was made for few rows would compare each with each.
-- Takes: {delta}; {elements} the key columns of c as k1, k2, …; {aggregates} arrays of them; {joins}, {found}, {numbers}, {moment},
-- {order} as there; $1 the transaction. Returns: nothing. Reads: before, changed. Writes: the delta table.
INSERT INTO switchback.{delta}
SELECT $1, {moment}, 'u', pg_catalog.count(*), {order}{aggregates}, columns
  FROM (SELECT {keys}, columns, pg_catalog.row_number() OVER (PARTITION BY columns) OPERATOR(pg_catalog./) 100000 AS part
          FROM (SELECT {elements},
                       CASE WHEN {found} THEN pg_catalog.array_remove(ARRAY[{numbers}]::pg_catalog.int2[], NULL) END AS columns
                  FROM changed AS c LEFT JOIN before AS b ON {joins}) AS told) AS told
 GROUP BY columns, part
