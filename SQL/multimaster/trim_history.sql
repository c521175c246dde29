-- Removes from the history of conflicts what was found longer ago than it is to be kept, the oldest first, and counts it. What
-- waits for a person stays.
-- Takes: $1 the sync, $2 for how many seconds it is kept, $3 how many at most. Returns: how many were removed.
-- Reads: conflict. Writes: conflict, removed_history.
WITH old AS (
    SELECT id FROM switchback.conflict
     WHERE sync = $1 AND NOT held AND at < clock_timestamp() - make_interval(secs => $2::float8)
     ORDER BY at LIMIT $3::bigint
       FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM switchback.conflict AS c USING old WHERE c.id = old.id RETURNING c.at
), counted AS (
    INSERT INTO switchback.removed_history AS h (sync, conflicts, until, at)
    SELECT $1, count(*), max(gone.at), clock_timestamp() FROM gone HAVING count(*) > 0
    ON CONFLICT (sync) DO UPDATE
       SET conflicts = h.conflicts + excluded.conflicts, until = greatest(h.until, excluded.until), at = excluded.at
)
SELECT count(*) FROM gone
