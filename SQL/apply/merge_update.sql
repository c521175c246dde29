-- Makes existing rows equal to the staged ones; equal rows are not rewritten.
-- Takes: {target} the table with ONLY where it may have inheritance children, {stage}, {alive} whether s is there, {joins}
-- from s to t, {assignments}, {existing}, {incoming}. Returns: nothing. Reads: the stage. Writes: the table.
UPDATE {target} AS t SET {assignments} FROM {stage} AS s
 WHERE {alive} AND {joins} AND ROW({existing})::record OPERATOR(pg_catalog.*<>) ROW({incoming})::record
