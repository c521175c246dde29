-- Adds to this node's sums by how much an UPDATE changed counters. A part of capture/count_function.
-- Takes: {counters}; {keys} k1, k2, …; {row_keys} the key columns of c; {joins} between c and b; {values} counter, what it was in b
-- and what it is in c, for each counter; {node} this node as a literal. Returns: nothing. Reads: before, changed.
-- Writes: the counters.
INSERT INTO switchback.{counters} AS s ({keys}, counter, origin, sum, changes)
SELECT {row_keys}, v.counter, {node}, v.becomes OPERATOR(pg_catalog.-) v.was, 1
  FROM changed AS c JOIN before AS b ON {joins} CROSS JOIN LATERAL (VALUES {values}) AS v (counter, was, becomes)
 WHERE v.becomes OPERATOR(pg_catalog.<>) v.was
    ON CONFLICT ({keys}, counter, origin) DO UPDATE
   SET sum = s.sum OPERATOR(pg_catalog.+) excluded.sum, changes = s.changes OPERATOR(pg_catalog.+) 1
