-- Looks for a clash with a constraint that replica role does not check (deferrable unique, primary key and exclusion),
-- among the rows that a batch wrote.
-- Takes: {keys} of a, {target}, {stage}, {joins} from s to a, {clash} the condition under which rows a and b clash, {same} the
-- condition under which they are one row. Returns: at most one row. Reads: the stage, the table. Writes: nothing.
SELECT ROW({keys})::text FROM {stage} AS s JOIN {target} AS a ON {joins} JOIN {target} AS b ON {clash} AND NOT ({same})
 WHERE s.switchback_alive LIMIT 1
