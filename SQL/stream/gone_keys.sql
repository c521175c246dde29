-- Reads the keys of one table's rows that changed in the window and are not there, for a table of so many columns that
-- rows and keys cannot travel together.
-- Takes: {keys} k1, k2, …; {window_keys} the query for the window's keys; {table} the table, or its rows that travel;
-- {joins} from d to t. Returns: one row a key. Reads: the delta tables, the table. Writes: nothing.
SELECT DISTINCT {keys}
  FROM ({window_keys}) AS d
 WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE {joins})
