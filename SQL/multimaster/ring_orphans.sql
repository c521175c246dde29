-- Lists those of some staged rows that refer to a row that is neither there nor among some other staged ones.
-- Takes: {stage}; {given}, {match} of a foreign key, {parent} the table that it leads to, {parent_stage} that one's stage; $1 the rows' places in
-- their stage, $2 those of the others in theirs. Returns: places. Reads: the stages, the table. Writes: nothing.
SELECT c.ctid FROM {stage} AS c
 WHERE c.ctid = ANY ($1::tid[]) AND {given} AND NOT EXISTS (SELECT FROM {parent} AS p WHERE {match})
   AND NOT EXISTS (SELECT FROM {parent_stage} AS p WHERE p.ctid = ANY ($2::tid[]) AND {match})
