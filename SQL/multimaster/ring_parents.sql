-- Tells which of some staged rows refer to which of some others.
-- Takes: {stage}; {given}, {match} of a foreign key, {parent_stage} the stage of the table that it leads to; $1 the rows' places in their stage, $2 those
-- of the others in theirs. Returns: two places, a row that refers and one that it refers to. Reads: the stages. Writes: nothing.
SELECT c.ctid, p.ctid FROM {stage} AS c JOIN {parent_stage} AS p ON {match}
 WHERE c.ctid = ANY ($1::tid[]) AND p.ctid = ANY ($2::tid[]) AND {given}
