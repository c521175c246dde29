-- Locks the rows that a batch is about to write, in the order of their keys, so that what is found of them now holds until the
-- transaction ends.
-- Takes: {stage}, {target} the table with ONLY where it may have inheritance children, {joins} from s to t, {order} the key of t.
-- Returns: how many there are. Reads: the table. Writes: nothing; its rows are locked.
SELECT count(*) FROM (SELECT FROM {target} AS t JOIN {stage} AS s ON {joins} ORDER BY {order} FOR UPDATE OF t) AS locked
