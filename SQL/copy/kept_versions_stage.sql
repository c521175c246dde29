-- Makes the temporary table in which a source's versions come to a receiver.
-- Takes: {known} its name; {keys} k1, k2, …; {more} further columns; {versions}. Returns: nothing. Reads: nothing. Writes: the catalogue's
-- temporary part.
CREATE TEMPORARY TABLE IF NOT EXISTS {known} ON COMMIT DELETE ROWS AS
SELECT {keys}, origin, txid, at, alive, stored, context{more} FROM switchback.{versions} WITH NO DATA
