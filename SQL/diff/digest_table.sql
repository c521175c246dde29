-- Makes the temporary table of the keys that a repair is about.
-- Takes: nothing. Returns: nothing. Reads: nothing. Writes: the catalogue's temporary part.
CREATE TEMPORARY TABLE IF NOT EXISTS switchback_digest (digest text NOT NULL)
