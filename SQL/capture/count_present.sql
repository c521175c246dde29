-- Adds to this node's sums what they lack to what the rows say: an inserted row's value where nobody had counted, otherwise the
-- difference to what all had counted, also for a row of the same key that is gone. As the table has the row now, for a trigger may
-- have changed it since it was inserted. A part of capture/count_function and capture/touch_counters.
-- Takes: {counters}; {rows} the query for the keys as k1, k2, …; {keys}; {joins} between t and r; {table}; {values} counter and its
-- value in t, for each; {sum_joins} between x and r; {condition} on n, how many entries there are; {node} this node as a literal.
-- Returns: nothing. Reads: the rows, the table, the counters. Writes: the counters.
INSERT INTO switchback.{counters} AS s ({keys}, counter, origin, sum, changes)
SELECT {row_keys}, v.counter, {node}, v.becomes OPERATOR(pg_catalog.-) x.total, 1
  FROM ({rows}) AS r JOIN {table} AS t ON {joins} CROSS JOIN LATERAL (VALUES {values}) AS v (counter, becomes)
 CROSS JOIN LATERAL (SELECT COALESCE(pg_catalog.sum(x.sum), 0) AS total, pg_catalog.count(*) AS n
                       FROM switchback.{counters} AS x WHERE {sum_joins} AND x.counter OPERATOR(pg_catalog.=) v.counter) AS x
 WHERE v.becomes OPERATOR(pg_catalog.<>) x.total AND {condition}
    ON CONFLICT ({keys}, counter, origin) DO UPDATE
   SET sum = s.sum OPERATOR(pg_catalog.+) excluded.sum, changes = s.changes OPERATOR(pg_catalog.+) 1
