-- Notes the staged rows as such as are to be handed on.
-- Takes: {delta} one of the table's delta tables; {keys} k1, k2, …; {elements} the key columns of s under these names, {aggregates}
-- arrays of them; {stage}. Returns: nothing. Reads: the stage. Writes: the delta table.
INSERT INTO switchback.{delta} (txid, at, op, rows, {keys})
SELECT pg_current_xact_id()::text::bigint, switchback.moment(), 'f', count(*), {aggregates}
  FROM (SELECT *, row_number() OVER () / 100000 AS part FROM (SELECT DISTINCT {elements} FROM {stage} AS s) AS d) AS c
 GROUP BY part
