-- Of what two nodes know of counters the later of each origin's sums, and the earlier of what they were before. An expression for
-- FROM, not a statement.
-- Takes: {counts}, {keys}. Returns: k1, k2, …, counter, origin, sum, changes. Reads: {counts}. Writes: nothing.
SELECT DISTINCT ON ({keys}, counter, origin) {keys}, counter, origin, sum, changes
  FROM {counts} ORDER BY {keys}, counter, origin, CASE WHEN origin = '' THEN - changes ELSE changes END DESC, sum DESC
