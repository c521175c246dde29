-- Makes the table of what each node added to the counters of a replicated table's rows, over all the time that they are
-- replicated: of each row and counter the sum of an origin's differences, and how often it changed it, which tells the later of two
-- sums. With an empty origin: what the counter was before anybody had counted, and when that was noted, in microseconds; of two the
-- earlier holds, for the later has what was counted in between in it. A row's counter is always the sum of all its entries;
-- where there are none nobody has counted.
-- Takes: {counters} the name, {key_definitions} k1, k2, … of the key's own types, {keys} k1, k2, …, {comment}.
-- Returns: nothing. Reads: nothing. Writes: the catalogue.
CREATE TABLE IF NOT EXISTS switchback.{counters} (
    {key_definitions},
    counter text NOT NULL,
    origin text NOT NULL,
    sum numeric NOT NULL CONSTRAINT "a counter counts with numbers, not with NaN or infinity" CHECK (sum > '-Infinity' AND sum < 'Infinity'),
    changes bigint NOT NULL,
    PRIMARY KEY ({keys}, counter, origin)
) WITH (fillfactor = 70);
REVOKE ALL ON switchback.{counters} FROM PUBLIC;
COMMENT ON TABLE switchback.{counters} IS {comment};
