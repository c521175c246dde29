-- Counts the rows of a table that a batch brought and that refer to a row that is not there. A row that is referred to stays until the
-- transaction ends: an application that would delete it waits, and then sees what refers to it.
-- Takes: {target} as c, {stage}, {flag}, {joins} from s to c; {given}, {match} of a foreign key, {parent} the table it leads to, {lock} or nothing.
-- Returns: how many. Reads: the tables, the stage. Writes: nothing; rows are locked.
SELECT count(*) FROM {target} AS c JOIN {stage} AS s ON {joins}
 WHERE s.{flag} AND {given} AND NOT EXISTS (SELECT FROM {parent} AS p WHERE {match}{lock})
