-- Tells whether a node holds a version of another's, of one table, that a third node has not seen.
-- Takes: {versions}; {ends} the node and the third, as an array; {unseen} whether it has not seen v. Returns: one row, a boolean.
-- Reads: the versions. Writes: nothing.
SELECT EXISTS (SELECT FROM switchback.{versions} AS v WHERE v.origin <> ALL ({ends}) AND {unseen})
