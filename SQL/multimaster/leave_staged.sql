-- Notes what a foreign key refers to in rows that a batch deletes, or gives other values, before it does.
-- Takes: {left}; {referred} the key's columns of t; {target}; {stage}, {joins} from s to t, {changes} whether t is to be another or gone.
-- Returns: nothing. Reads: the stage, the table. Writes: {left}.
INSERT INTO {left} SELECT {referred} FROM {target} AS t JOIN {stage} AS s ON {joins} WHERE {changes}
