-- Finds the rows of a table that refer to a row that is not there, among those that a batch brought and those that refer to a row that is no
-- more.
-- Takes: {target} as c; {row_keys} the key of c as k1, k2, …; {values} the columns of c as text; {stage}, {flag}; {staged_joins} from s to c; {given}, {match} of
-- a foreign key, {parent} the table it leads to, {left}.
-- Returns: rows for multimaster/rows_as_versions. Reads: the tables, the stage. Writes: nothing.
SELECT c.ctid AS place, {row_keys}, ARRAY[{values}] AS row_values
  FROM {target} AS c
 WHERE c.ctid IN (SELECT c.ctid FROM {target} AS c JOIN {stage} AS s ON {staged_joins} WHERE s.{flag}
                   UNION SELECT c.ctid FROM {target} AS c JOIN {left} AS p ON {match})
   AND {given} AND NOT EXISTS (SELECT FROM {parent} AS p WHERE {match})
