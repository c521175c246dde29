-- Finds the rows of a table that keep a staged row out.
-- Takes: {target}; {row_keys} the key of t as k1, k2, …; {keys} k1, k2, …; {values} the columns of t as text; {looks_at} what the constraint looks at, as x1, x2, …; {where}
-- which rows it looks at; {stage}; {staged} the columns of s, and those that are generated from them; {clash} the condition under which a and b clash; $1 the staged row's place.
-- Returns: rows for multimaster/rows_as_versions. Reads: the table, the stage. Writes: nothing.
SELECT a.place, {keys}, a.row_values
  FROM (SELECT t.ctid AS place, {row_keys}, ARRAY[{values}] AS row_values, x.*
          FROM {target} AS t CROSS JOIN LATERAL (SELECT {looks_at} FROM (SELECT t.*) AS r{where}) AS x) AS a
  JOIN (SELECT x.* FROM {stage} AS s
         CROSS JOIN LATERAL (SELECT {looks_at} FROM {staged} AS r{where}) AS x WHERE s.ctid = $1::tid) AS b
    ON {clash}
