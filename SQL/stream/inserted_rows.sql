-- Reads the rows of one table that were inserted in the window, when nothing else was done to it: each key is there once.
-- Takes: {window_keys} the query for the window's keys; {table} the table, or its rows that travel; {joins} from d to t;
-- {columns} t's columns. Returns: the rows. Reads: the delta tables, the table. Writes: nothing.
SELECT {columns}
  FROM ({window_keys}) AS d
  JOIN {table} AS t ON {joins}
