-- Counts the rows of a table that refer to a row that is no more.
-- Takes: {target} as c; {left}; {given}, {match} of a foreign key, {parent} the table it leads to. Returns: how many. Reads: the tables, {left}.
-- Writes: nothing.
SELECT count(*) FROM {target} AS c
 WHERE {given} AND EXISTS (SELECT FROM {left} AS p WHERE {match}) AND NOT EXISTS (SELECT FROM {parent} AS p WHERE {match})
