-- Finds the rows that some rows refer to.
-- Takes: {rows} a table or a stage, as c; {given}, {match} of a foreign key, {parent} the table that it leads to; $1 the rows' places. Returns: places.
-- Reads: the tables. Writes: nothing.
SELECT DISTINCT p.ctid FROM {rows} AS c JOIN {parent} AS p ON {match} WHERE c.ctid = ANY ($1::tid[]) AND {given}
