-- Lists the rows of some buckets, in an order that all nodes agree on: those of a receiver, and at both ends those of a table
-- without a key.
-- Takes: {key_text}, {row_text} expressions over t; {table}; {conditions} on t.
-- Returns: one row a row: digest of its key, hash of all of it, its key's text. Reads: the table. Writes: nothing.
SELECT md5({key_text}) COLLATE "C", hashtextextended({row_text}, 0), left({key_text}, 200)
  FROM {table} AS t{conditions}
 ORDER BY 1, 2
