-- Finds a row of a batch whose counter has grown out of its type.
-- Takes: {joined} multimaster/joined_counts; {keys}; {limits} counter, least and greatest value of each, as VALUES; {stage}; {flag};
-- {joins} between s and j. Returns: the key as text, the counter, its value; one row or none. Reads: the stage, the counts.
-- Writes: nothing.
SELECT concat_ws(', ', {key_texts}), j.counter, j.total
  FROM (SELECT {keys}, counter, sum(sum) AS total FROM ({joined}) AS c GROUP BY {keys}, counter) AS j
  JOIN (VALUES {limits}) AS l (counter, low, high) ON l.counter = j.counter AND (j.total < l.low OR j.total > l.high)
  JOIN {stage} AS s ON {joins} AND s.{flag}
 LIMIT 1
