-- Leaves out of a source's quarantine the rows that the receiver shows.
-- Takes: {rows} the stage; {target}, {is_row} the condition that q has the key of t. Returns: nothing. Reads: the table. Writes: the stage.
DELETE FROM {rows} AS q USING {target} AS t WHERE {is_row}
