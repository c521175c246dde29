-- Leaves out the staged rows of which this node has seen all versions: they came another way.
-- Takes: {stage}; {same_key} between s and f; {unseen} whether this node has not seen the version f. Returns: how many were left out.
-- Reads and writes: the stage.
DELETE FROM {stage} AS s WHERE NOT EXISTS (SELECT FROM {stage} AS f WHERE {same_key} AND {unseen})
