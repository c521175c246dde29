-- What of the renamed community lost.
-- Takes: nothing. Returns: the node that wrote it, and the row as it was. Reads: switchback.conflict. Writes: nothing.
SELECT loser_origin, array_to_string(loser_values, ' | ') FROM switchback.conflict WHERE table_name = 'community' ORDER BY id
