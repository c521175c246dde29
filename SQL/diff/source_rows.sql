-- Lists the rows of some buckets at a source, in an order that all nodes agree on, and which keys are on their way: those
-- that changed in the window. Keys that are on their way and have no row here, for it was deleted, are listed too.
-- Takes: {key_text}, {row_text} expressions over t; {delta_key_text} over d; {keys} k1, k2, …; {window_keys} the query for the window's keys;
-- {joins} from d to t; {buckets}; {chosen} buckets as an array literal; {table}; {filter} a further condition on t; {first_key} of t.
-- Returns: one row a row: digest of its key, hash of all of it or null, its key's text, whether it is on its way.
-- Reads: the table, its delta tables. Writes: nothing.
WITH under_way AS MATERIALIZED (
    SELECT DISTINCT {keys} FROM ({window_keys}) AS delta
)
SELECT md5({key_text}) COLLATE "C", hashtextextended({row_text}, 0), left({key_text}, 200),
       EXISTS (SELECT FROM under_way AS d WHERE {joins})
  FROM {table} AS t
 WHERE hashtextextended({key_text}, 1) & ({buckets} - 1) = ANY ('{chosen}'::bigint[]){filter}
UNION ALL
SELECT md5({delta_key_text}) COLLATE "C", NULL, left({delta_key_text}, 200), true
  FROM under_way AS d
 WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE {joins}{filter})
   AND hashtextextended({delta_key_text}, 1) & ({buckets} - 1) = ANY ('{chosen}'::bigint[])
 ORDER BY 1, 2
