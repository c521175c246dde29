-- Makes the temporary table in which a source's quarantine comes to a receiver.
-- Takes: {rows} its name. Returns: nothing. Reads: nothing. Writes: the catalogue's temporary part.
CREATE TEMPORARY TABLE IF NOT EXISTS {rows} ON COMMIT DELETE ROWS AS
SELECT columns, key_values, row_values, origin, txid, stamp, sqlstate, constraint_name, reason FROM switchback.quarantine WITH NO DATA
