-- Removes the fences of all tables: the function goes, and its triggers with it.
-- Takes: nothing. Returns: nothing. Reads: nothing. Writes: the catalogue.
DROP FUNCTION IF EXISTS switchback.refuse_write() CASCADE
