-- Gives a table of versions the column for the stamps of their columns' values, by the columns' names: time in
-- microseconds, origin and transaction of the write that a value is from, as 1700000000000000@raleigh:4711. Null for a value that
-- nobody contests any more.
-- Takes: {versions}. Returns: nothing. Reads: nothing. Writes: the catalogue.
ALTER TABLE switchback.{versions} ADD COLUMN IF NOT EXISTS stamps jsonb;
