-- Lets a trigger of a table fire in replica role too. At a node that receives the table from nobody, that role only means
-- that somebody loads data with foreign keys and triggers switched off, and what is loaded has to travel as well. Takes its
-- table's owner, and the owner of all its partitions.
-- Takes: {table}, {trigger}. Returns: nothing. Reads: nothing. Writes: the catalogue.
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger};
