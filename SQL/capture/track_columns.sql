-- Gives a delta table the column that says which columns a change changed, by their numbers in the table; null for all of them:
-- an insertion, a deletion, a change of the key. It comes last, so that whoever writes deltas without it says all.
-- Takes: {delta}. Returns: nothing. Reads: nothing. Writes: the catalogue.
ALTER TABLE switchback.{delta} ADD COLUMN IF NOT EXISTS columns smallint[];
