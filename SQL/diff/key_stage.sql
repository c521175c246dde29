-- Makes the temporary table that keys are gathered in, in the types of a delta table.
-- Takes: {stage}, {keys}, {delta}. Returns: nothing. Reads: the catalogue. Writes: the catalogue's temporary part.
CREATE TEMPORARY TABLE {stage} AS SELECT {keys} FROM switchback.{delta} WITH NO DATA
