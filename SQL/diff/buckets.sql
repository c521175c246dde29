-- Sums a table up in buckets, so that two nodes can compare millions of rows by a few thousand numbers. A row's bucket
-- follows from its key's text, not from an order, so that collations that differ between the nodes do not matter.
-- A bucket's sum is the exclusive or of its rows' 64-bit hashes beside their number. Each hash is over the whole row with its
-- key, so that equal changes of two rows do not cancel out: that any set of changes goes unseen has a chance of one in 2^64.
-- Takes: {key_text}, {row_text} expressions over t; {buckets} a power of two; {combine} an aggregate over hash; {table};
-- {conditions} on t, or nothing.
-- Returns: one row a bucket that is not empty: bucket, rows, combined hash. Reads: the table. Writes: nothing.
SELECT hashtextextended({key_text}, 1) & ({buckets} - 1), count(*), {combine}
  FROM {table} AS t
 CROSS JOIN LATERAL (SELECT hashtextextended({row_text}, 0) AS hash) AS h{conditions}
 GROUP BY 1
