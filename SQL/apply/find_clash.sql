-- Looks for a clash with a constraint that replica role does not check (deferrable unique, primary key and exclusion),
-- among the rows that a batch wrote.
-- Takes: {keys} the key columns of t as k1, k2, …; {key_names} k1, k2, … of a; {looks_at} what the constraint looks at, as
-- x1, x2, …; {where} which rows it looks at; {target}; {stage}; {joins} from s to a; {clash} the condition under which
-- rows a and b clash; {same} the condition under which they are one row; {alive} whether s is there, {which} a further condition on s, or nothing.
-- Returns: at most one row, the key. Reads: the stage, the table. Writes: nothing.
SELECT ROW({key_names})::text
  FROM {stage} AS s
  JOIN (SELECT t.ctid AS place, t.tableoid AS part, {keys}, {looks_at} FROM {target} AS t{where}) AS a ON {joins}
  JOIN (SELECT t.ctid AS place, t.tableoid AS part, {keys}, {looks_at} FROM {target} AS t{where}) AS b
    ON {clash} AND NOT ({same})
 WHERE {alive}{which} LIMIT 1
