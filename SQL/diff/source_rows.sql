-- Lists the rows of some buckets at a source, in an order that all nodes agree on, and which keys are on their way: those
-- that changed in the window. Keys that are on their way and have no row here, for it was deleted, are listed too.
-- Takes: {key_text}, {row_text} expressions over t; {delta_key_text} over d; {keys} k1, k2, …; {window_keys} the query for the
-- window's keys; {joins} from d to t; {table}; {conditions} on t; {delta_conditions} on d; {filter} a further condition on t.
-- Returns: one row a row: digest of its key, hash of all of it or null, its key's text, whether it is on its way.
-- Reads: the table, its delta tables. Writes: nothing.
WITH under_way AS MATERIALIZED (
    SELECT DISTINCT {keys} FROM ({window_keys}) AS delta
)
SELECT md5({key_text}) COLLATE "C", hashtextextended({row_text}, 0), left({key_text}, 200), d.k1 IS NOT NULL
  FROM {table} AS t
  LEFT JOIN under_way AS d ON {joins}{conditions}
UNION ALL
SELECT md5({delta_key_text}) COLLATE "C", NULL, left({delta_key_text}, 200), true
  FROM under_way AS d
 WHERE {delta_conditions} AND NOT EXISTS (SELECT FROM {table} AS t WHERE {joins}{filter})
 ORDER BY 1, 2
