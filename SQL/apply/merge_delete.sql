-- Deletes the rows that the stage says are gone.
-- Takes: {target} the table with ONLY where it may have inheritance children, {stage}, {joins} from s to t. Returns: nothing. Reads: the stage. Writes: the table.
DELETE FROM {target} AS t USING {stage} AS s WHERE NOT s.switchback_alive AND {joins}
