-- Marks the staged rows that are not there and may not be there afterwards: nothing of them can be locked.
-- Takes: {stage}, {absent} its column, {flag}; {is_unsettled} the condition on s; {target}, {joins} from s to t. Returns: nothing. Reads: the table.
-- Writes: the stage.
UPDATE {stage} AS s SET {absent} = true
 WHERE (NOT s.{flag} OR {is_unsettled}) AND NOT EXISTS (SELECT FROM {target} AS t WHERE {joins})
