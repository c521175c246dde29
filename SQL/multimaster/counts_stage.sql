-- Makes the temporary table in which what was counted comes together: of the rows of a batch, or of a whole table that joins.
-- Takes: {stage}; {nulls} nulls of the keys' types as k1, k2, …. Returns: nothing. Reads: nothing. Writes: the catalogue's
-- temporary part.
CREATE TEMPORARY TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS AS
SELECT {nulls}, ''::text AS counter, ''::text AS origin, 0::numeric AS sum, 0::bigint AS changes WITH NO DATA
