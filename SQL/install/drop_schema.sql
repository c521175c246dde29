-- Removes everything that is left of Switchback in this database.
-- Takes: nothing. Returns: nothing. Reads: nothing. Writes: the catalogue.
DROP SCHEMA IF EXISTS switchback CASCADE
