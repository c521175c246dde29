-- Reads one table's rows that changed in the window and are there, for a table of so many columns that rows and keys
-- cannot travel together.
-- Takes: {keys} k1, k2, …; {delta_a}, {delta_b}; {window} the condition on txid; {table} the table, or its rows that
-- travel; {joins} from d to t; {columns} of t. Returns: rows. Reads: the delta tables, the table. Writes: nothing.
WITH changed AS MATERIALIZED (
    SELECT DISTINCT {keys}
      FROM (SELECT {keys} FROM switchback.{delta_a} WHERE {window}
            UNION ALL
            SELECT {keys} FROM switchback.{delta_b} WHERE {window}) AS delta
)
SELECT {columns} FROM changed AS d JOIN {table} AS t ON {joins}
