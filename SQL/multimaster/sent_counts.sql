-- What a node knows of the counters of a row, as it travels with each of its versions. An expression, not a statement.
-- Takes: {counters}; {joins} between x and the row. Returns: text or null. Reads: the counters. Writes: nothing.
(SELECT jsonb_agg(jsonb_build_array(x.counter, x.origin, x.sum, x.changes))::text FROM switchback.{counters} AS x WHERE {joins})
