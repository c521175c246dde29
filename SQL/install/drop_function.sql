-- Removes a trigger function and its triggers, wherever they are. Dropping a trigger by itself takes its table's owner.
-- Takes: {function}. Returns: nothing. Reads: nothing. Writes: the catalogue.
DROP FUNCTION IF EXISTS switchback.{function}() CASCADE
