-- Counts what a stream has still to carry of one table, and how long the oldest of it has waited. A change counts as waiting
-- from when it was made, or from the moment that the receiver is up to, whichever is later: its transaction may have been
-- open for long, and was not there to be carried before it committed.
-- Takes: {keyed} the delta tables' rows in the window; {id} the table's; {window}, {visible} conditions on txid; {as_of} a moment.
-- Returns: one row: changes, seconds since the oldest or null. Reads: the delta tables, mark. Writes: nothing.
SELECT round(sum(weight))::bigint, extract(epoch FROM clock_timestamp() - greatest(min(at), {as_of}))
  FROM ({keyed}SELECT at, 1.0::float8 AS weight FROM switchback.mark WHERE table_id = {id} AND {window}{visible}) AS change
