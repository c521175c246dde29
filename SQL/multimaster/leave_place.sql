-- Notes what a foreign key refers to in a row that is about to be taken out of its table, or is staged and not put into it.
-- Takes: {left}; {referred} the key's columns of t; {target} the table, or its stage; $1 the row's place. Returns: nothing. Reads: the table. Writes: {left}.
INSERT INTO {left} SELECT {referred} FROM {target} AS t WHERE t.ctid = $1::tid
