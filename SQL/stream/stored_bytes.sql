-- Tells how many bytes the changed rows of one table take where they are stored, without reading their large values.
-- Takes: {keys} k1, k2, …; {window_keys} the query for the window's keys; {table}; {joins} from d to t; {sizes} the sizes of
-- t's columns, added up. Returns: one row: bytes. Reads: the delta tables, the table. Writes: nothing.
SELECT coalesce(sum({sizes}), 0)
  FROM (SELECT DISTINCT {keys} FROM ({window_keys}) AS delta) AS d
  JOIN {table} AS t ON {joins}
