-- Says what an observer holds of a site. Votes of observers that have said nothing for a week go.
-- Takes: $1 observer, $2 site, $3 state, $4 reason, $5 for how many seconds it has said so, $6 its checks as JSON, $7 the
-- site that it takes for the active one, $8 the epoch of which it knows that.
-- Returns: nothing. Reads and writes: vote.
WITH forgotten AS (
    DELETE FROM switchback.vote WHERE at < clock_timestamp() - interval '7 days' AND observer <> $1
)
INSERT INTO switchback.vote (observer, site, state, reason, changed_at, at, checks, active, epoch)
VALUES ($1, $2, $3, $4, clock_timestamp() - make_interval(secs => $5::float8), clock_timestamp(), $6::jsonb, $7, $8::bigint)
ON CONFLICT (observer, site) DO UPDATE
   SET state = excluded.state, reason = excluded.reason, changed_at = excluded.changed_at, at = excluded.at,
       checks = excluded.checks, active = excluded.active, epoch = excluded.epoch
