-- What a node keeps of plans that move the site. Both sites' nodes keep all of it, as far as they could be reached when it was
-- written; read, the copies are put together.

-- A line is written before each step acts, and when it has come out. A number is there twice when two engines did not see
-- each other.
CREATE TABLE switchback.journal (
    plan text NOT NULL,
    number integer NOT NULL,
    writer text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    epoch bigint NOT NULL,
    event text NOT NULL,
    step text,
    note text,
    numbers jsonb NOT NULL DEFAULT '{}',
    seconds double precision,
    -- The plan itself, with the line that says it will be run.
    record jsonb,
    PRIMARY KEY (plan, number, writer)
);

-- What is written to see whether a node takes writes: one row.
CREATE TABLE switchback.canary (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    token text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
