-- Gives a sequence a stride and a place in it, and remembers what it was. Nobody draws from it between the look at where it stands
-- and its restart, for altering it locks it.
-- Takes: {sequence}; {schema_literal}, {name_literal}; {stride}; {start}, which no source has reached. Returns: nothing; fails when
-- values up to {start} have been handed out. Reads: the catalogue. Writes: parted_sequence, the sequence.
INSERT INTO switchback.parted_sequence (schema_name, sequence_name, increment, start)
SELECT {schema_literal}, {name_literal}, seqincrement, seqstart FROM pg_sequence WHERE seqrelid = '{sequence}'::regclass
ON CONFLICT DO NOTHING;
ALTER SEQUENCE {sequence} INCREMENT BY {stride} START WITH {start};
DO $$
BEGIN
    IF (SELECT last_value FROM {sequence}) >= {start} THEN
        RAISE EXCEPTION USING MESSAGE = format('sequence %I.%I has passed {start} meanwhile', {schema_literal}, {name_literal}),
            HINT = 'run "switchback schema install --part-sequences" again';
    END IF;
END $$;
ALTER SEQUENCE {sequence} RESTART;
