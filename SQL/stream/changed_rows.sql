-- Reads the state of every row of one table that changed in the window: its key once, and the row as this transaction's
-- snapshot sees it; a key without a row was deleted.
-- Takes: {keys} k1, k2, …; {window_keys} the query for the window's keys; {table} the table, or its rows that travel;
-- {joins} from d to t; {alive} whether the row is there; {columns} t's columns, with keys taken from d where there is no
-- row. Returns: one row a key: whether the row is there, then the columns. Reads: the delta tables, the table.
-- Writes: nothing.
WITH changed AS MATERIALIZED (
    SELECT DISTINCT {keys} FROM ({window_keys}) AS delta
)
SELECT {alive}, {columns}
  FROM changed AS d
  LEFT JOIN {table} AS t ON {joins}
