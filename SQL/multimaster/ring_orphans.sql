-- Lists those of some staged rows that refer to a row that is neither there nor one of them.
-- Takes: {stage}; {given}, {match} of a foreign key that leads to the rows' own table, {parent} that table; $1 the rows' places in the stage.
-- Returns: their places. Reads: the stage, the table. Writes: nothing.
SELECT c.ctid FROM {stage} AS c
 WHERE c.ctid = ANY ($1::tid[]) AND {given} AND NOT EXISTS (SELECT FROM {parent} AS p WHERE {match})
   AND NOT EXISTS (SELECT FROM {stage} AS p WHERE p.ctid = ANY ($1::tid[]) AND {match})
