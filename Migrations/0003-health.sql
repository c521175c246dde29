-- What the checks of a site's health keep at a node. Nothing here is replicated: each observer writes to every node itself.

-- Rows that are written to find out whether the node takes writes: one for each observer.
CREATE TABLE switchback.health_canary (
    observer text PRIMARY KEY,
    number bigint NOT NULL,
    at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- What each observer says of each site, and by what. A vote counts while it is fresh by this node's clock.
CREATE TABLE switchback.vote (
    observer text NOT NULL,
    site text NOT NULL,
    state text NOT NULL CHECK (state IN ('up', 'degraded', 'down', 'unknown')),
    reason text NOT NULL,
    -- Since when it has said so, by this node's clock.
    changed_at timestamptz NOT NULL,
    at timestamptz NOT NULL,
    -- Which site it takes for the active one, and of which epoch it knows that; 0 when nobody has told it.
    active text NOT NULL,
    epoch bigint NOT NULL,
    -- The checks that it goes by, for people to read.
    checks jsonb NOT NULL,
    PRIMARY KEY (observer, site)
) WITH (fillfactor = 50);
