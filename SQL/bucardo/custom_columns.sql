-- Lists the select lists that a Bucardo reads tables by in place of all their columns (customcols).
-- Takes: nothing. Returns: one row each: number of the relation, clause, the database and the sync it is for, null for all.
-- Reads: bucardo.customcols. Writes: nothing.
SELECT c.goat, c.clause, c.db, c.sync FROM bucardo.customcols AS c ORDER BY c.id
