-- Reads one table's rows that changed in the window and are there, for a table of so many columns that rows and keys
-- cannot travel together.
-- Takes: {keys} k1, k2, …; {window_keys} the query for the window's keys; {table} the table, or its rows that travel;
-- {joins} from d to t; {columns} of t. Returns: rows. Reads: the delta tables, the table. Writes: nothing.
WITH changed AS MATERIALIZED (
    SELECT DISTINCT {keys} FROM ({window_keys}) AS delta
)
SELECT {columns} FROM changed AS d JOIN {table} AS t ON {joins}
