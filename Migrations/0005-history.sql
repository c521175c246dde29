-- What was removed from the history of conflicts because the configuration keeps it for a while only, by sync: so many
-- versions, all found at `until` or before, and when some were removed last.
CREATE TABLE switchback.removed_history (
    sync text PRIMARY KEY,
    conflicts bigint NOT NULL,
    until timestamptz NOT NULL,
    at timestamptz NOT NULL
);
