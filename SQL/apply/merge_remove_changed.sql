-- Takes out the rows that are gone and those that differ, so that unique values can change places: the staged rows are
-- inserted afterwards.
-- Takes: {target} the table with ONLY where it may have inheritance children, {stage}, {joins} from s to t, {existing}, {incoming}. Returns: nothing. Reads: the stage. Writes: the table.
DELETE FROM {target} AS t USING {stage} AS s
 WHERE {joins} AND (NOT s.switchback_alive OR ROW({existing})::record OPERATOR(pg_catalog.*<>) ROW({incoming})::record)
