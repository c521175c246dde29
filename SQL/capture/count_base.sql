-- Notes what counters were before anybody had counted. A part of capture/count_function and capture/touch_counters.
-- Takes: {counters}; {rows} a FROM clause with b, the rows as they were, and v: counter, was, is; {keys} k1, k2, …; {row_keys} the key
-- columns of b; {condition} which of them; {joins} between x and b. Returns: nothing. Reads: the rows, the counters.
-- Writes: the counters.
INSERT INTO switchback.{counters} ({keys}, counter, origin, sum, changes)
SELECT {row_keys}, v.counter, '', v.was,
       (EXTRACT(epoch FROM switchback.moment()) OPERATOR(pg_catalog.*) 1000000)::pg_catalog.int8
  FROM {rows}
 WHERE {condition} AND v.was OPERATOR(pg_catalog.<>) 0
   AND NOT EXISTS (SELECT FROM switchback.{counters} AS x WHERE {joins} AND x.counter OPERATOR(pg_catalog.=) v.counter)
    ON CONFLICT DO NOTHING
