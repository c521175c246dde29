-- Makes the temporary table of what rows that a foreign key refers to are no more: those that refer to them are looked at afterwards.
-- Takes: {left}; {referred} the key's columns of t; {target} the table that is referred to. Returns: nothing. Reads: nothing. Writes: the
-- catalogue's temporary part.
CREATE TEMPORARY TABLE IF NOT EXISTS {left} ON COMMIT DELETE ROWS AS SELECT {referred} FROM {target} AS t WITH NO DATA
