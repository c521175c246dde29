-- Lists the staged rows that refer to a row that is not there. What is there stays until the transaction ends.
-- Takes: {stage} as c, {flag}; {given}, {match} of a foreign key, {parent} the table it leads to, {lock} or nothing, {itself} whether the row
-- refers to itself. Returns: their places. Reads: the stage, the table. Writes: nothing; rows are locked.
SELECT c.ctid FROM {stage} AS c
 WHERE c.{flag} AND {given} AND NOT EXISTS (SELECT FROM {parent} AS p WHERE {match}{lock}) AND NOT {itself}
