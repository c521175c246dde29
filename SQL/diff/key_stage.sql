-- Makes the temporary table that keys are gathered in.
-- Takes: {stage}, {nulls} nulls of the keys' types as k1, k2, …. Returns: nothing. Reads: nothing. Writes: the catalogue's
-- temporary part.
CREATE TEMPORARY TABLE {stage} AS SELECT {nulls} WHERE false
