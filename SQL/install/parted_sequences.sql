-- Lists the sequences that were given a stride.
-- Takes: nothing. Returns: schema, name, the increment and the start that each had. Reads: parted_sequence. Writes: nothing.
SELECT schema_name, sequence_name, increment, start FROM switchback.parted_sequence ORDER BY schema_name, sequence_name
