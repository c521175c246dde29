-- Takes a trigger of Switchback's from a table.
-- Takes: {trigger}, {table}. Returns: nothing. Reads: nothing. Writes: the catalogue.
DROP TRIGGER IF EXISTS {trigger} ON {table}
