-- Takes out the rows that differ, so that unique values can change places: the staged rows are inserted afterwards.
-- Takes: {target} the table with ONLY where it may have inheritance children, {stage}, {joins} from s to t, {alive}
-- whether s is there, {existing}, {incoming}. Returns: nothing. Reads: the stage. Writes: the table.
DELETE FROM {target} AS t USING {stage} AS s
 WHERE {alive} AND {joins} AND ROW({existing})::record OPERATOR(pg_catalog.*<>) ROW({incoming})::record
