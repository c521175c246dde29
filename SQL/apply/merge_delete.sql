-- Deletes the rows that the stage says are gone.
-- Takes: {target} the table with ONLY where it may have inheritance children, {gone_stage}, {gone} whether s is gone,
-- {joins} from s to t. Returns: nothing. Reads: the stage. Writes: the table.
DELETE FROM {target} AS t USING {gone_stage} AS s WHERE {gone} AND {joins}
