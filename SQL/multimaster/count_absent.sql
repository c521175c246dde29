-- Counts the staged rows that are not there and may not be there afterwards: nothing of them can be locked.
-- Takes: {stage}, {flag}; {is_unsettled} the condition on s; {target}, {joins} from s to t. Returns: how many. Reads: the stage, the
-- table. Writes: nothing.
SELECT count(*) FROM {stage} AS s
 WHERE (NOT s.{flag} OR {is_unsettled}) AND NOT EXISTS (SELECT FROM {target} AS t WHERE {joins})
