-- Lists the names that tables have at targets where they are called otherwise than at the source (customname).
-- Takes: nothing. Returns: one row each: number of the relation, name, the database and the sync it is for, null for all.
-- Reads: bucardo.customname. Writes: nothing.
SELECT c.goat, c.newname, c.db, c.sync FROM bucardo.customname AS c ORDER BY c.id
