-- Gives a sequence the increment and the start back that it had; it goes on from where it is.
-- Takes: {sequence}; {increment}; {start}. Returns: nothing. Reads: the catalogue. Writes: the sequence.
ALTER SEQUENCE IF EXISTS {sequence} INCREMENT BY {increment} START WITH {start};
