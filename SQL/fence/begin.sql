-- Puts the node's fence into its first state, where none is installed: closed at a standby. One that was moved since stays.
-- Takes: {closed} whether it is a standby. Returns: nothing. Reads and writes: fence, fence_state.
WITH begun AS (
    INSERT INTO switchback.fence (reason)
    SELECT CASE WHEN {closed} THEN 'the node was installed as a standby' ELSE 'the node was installed as the active site''s' END
     WHERE NOT EXISTS (SELECT FROM switchback.fence)
    RETURNING 1)
SELECT setval('switchback.fence_state', ({closed})::int) FROM begun
