-- Puts the sums into the staged rows. What nobody has counted stays as it is; NULL counts as zero, and stays NULL while it is zero.
-- Takes: {stage}; {flag}; {assignments} for each counter, from s and j; {sums} its sum; {joined} multimaster/joined_counts; {keys};
-- {joins} between s and j. Returns: nothing. Reads: the counts. Writes: the stage.
UPDATE {stage} AS s SET {assignments}
  FROM (SELECT {keys}, {sums} FROM ({joined}) AS c GROUP BY {keys}) AS j
 WHERE {joins} AND s.{flag}
