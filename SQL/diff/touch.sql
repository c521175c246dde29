-- Sends rows again: writes deltas for their keys, as if they had just been changed. The stream then carries their state.
-- They say d, for some of the rows may be gone, and so rows that are there are looked for as well.
-- Takes: {delta}, {keys} k1, k2, …; {elements} them as they stand in arrays; {aggregates} arrays of them; {stage}.
-- Returns: nothing. Reads: the stage. Writes: a delta table; wakes the engine.
INSERT INTO switchback.{delta} (txid, at, op, rows, {keys})
SELECT pg_current_xact_id()::text::bigint, clock_timestamp(), 'd', count(*), {aggregates}
  FROM (SELECT {elements}, row_number() OVER () / 100000 AS part FROM (SELECT DISTINCT {keys} FROM {stage}) AS s) AS c
 GROUP BY part;
NOTIFY switchback;
