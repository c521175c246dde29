-- Sends rows again: writes deltas for their keys, as if they had just been changed. The stream then carries their state.
-- They say d, for some of the rows may be gone, and so rows that are there are looked for as well. They go where all that this
-- transaction changes goes: who reads looks only there.
-- Takes: {delta_a}, {delta_b}, {keys} k1, k2, …; {elements} them as they stand in arrays; {aggregates} arrays of them; {stage}.
-- Returns: nothing. Reads: the stage. Writes: one of the two delta tables; wakes the engine.
INSERT INTO switchback.{delta_a} (txid, at, op, rows, {keys})
SELECT pg_current_xact_id()::text::bigint, switchback.moment(), 'd', count(*), {aggregates}
  FROM (SELECT {elements}, row_number() OVER () / 100000 AS part FROM (SELECT DISTINCT {keys} FROM {stage}) AS s) AS c
 WHERE (pg_current_xact_id()::text::bigint >> 13) & 1 = 0
 GROUP BY part;
INSERT INTO switchback.{delta_b} (txid, at, op, rows, {keys})
SELECT pg_current_xact_id()::text::bigint, switchback.moment(), 'd', count(*), {aggregates}
  FROM (SELECT {elements}, row_number() OVER () / 100000 AS part FROM (SELECT DISTINCT {keys} FROM {stage}) AS s) AS c
 WHERE (pg_current_xact_id()::text::bigint >> 13) & 1 = 1
 GROUP BY part;
NOTIFY switchback;
