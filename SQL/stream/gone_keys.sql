-- Reads the keys of one table's rows that changed in the window and are not there, for a table of so many columns that
-- rows and keys cannot travel together.
-- Takes: {keys} k1, k2, …; {delta_a}, {delta_b}; {window} the condition on txid; {table} the table, or its rows that
-- travel; {joins} from d to t. Returns: one row a key. Reads: the delta tables, the table. Writes: nothing.
SELECT DISTINCT {keys}
  FROM (SELECT {keys} FROM switchback.{delta_a} WHERE {window}
        UNION ALL
        SELECT {keys} FROM switchback.{delta_b} WHERE {window}) AS d
 WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE {joins})
