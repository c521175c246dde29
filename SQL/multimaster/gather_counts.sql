-- Brings together what the sender of a batch and this node know of the counters of its rows.
-- Takes: {counts} the temporary table; {keys} k1, k2, …; {stage}; {staged_keys} the key columns of s as k1, k2, …; {sent} its column of
-- what the sender knows; {counters}; {joins} between x and s. Returns: nothing. Reads: the stage, the counters.
-- Writes: the temporary table.
INSERT INTO {counts} ({keys}, counter, origin, sum, changes)
SELECT DISTINCT {staged_keys}, e.entry ->> 0, e.entry ->> 1, (e.entry ->> 2)::numeric, (e.entry ->> 3)::bigint
  FROM {stage} AS s CROSS JOIN jsonb_array_elements(s.{sent}::jsonb) AS e (entry)
UNION ALL
SELECT DISTINCT {staged_keys}, x.counter, x.origin, x.sum, x.changes
  FROM {stage} AS s JOIN switchback.{counters} AS x ON {joins}
