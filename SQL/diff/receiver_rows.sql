-- Lists the rows of some buckets at a receiver, in an order that all nodes agree on.
-- Takes: {key_text}, {row_text} expressions over t; {buckets}; {chosen} buckets as an array literal; {table}; {filter}.
-- Returns: one row a row: digest of its key, hash of all of it, its key's text. Reads: the table. Writes: nothing.
SELECT md5({key_text}) COLLATE "C", hashtextextended({row_text}, 0), left({key_text}, 200)
  FROM {table} AS t
 WHERE hashtextextended({key_text}, 1) & ({buckets} - 1) = ANY ('{chosen}'::bigint[]){filter}
 ORDER BY 1, 2
