-- Reads what a source knows of the counters of a table.
-- Takes: {counters}, {keys}. Returns: k1, k2, …, counter, origin, sum, changes. Reads: the counters. Writes: nothing.
SELECT {keys}, counter, origin, sum, changes FROM switchback.{counters}
