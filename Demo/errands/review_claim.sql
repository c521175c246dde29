-- A reviewer takes the next task that nobody has.
-- Takes: $1 a random number. Returns: the item's id, or nothing when no task is left. Reads and writes: workflow_task.
UPDATE workflow_task SET claimed_by = md5('person ' || 1 + $1::bigint % 8000)::uuid
WHERE item_id = (SELECT item_id FROM workflow_task ORDER BY since, item_id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING item_id
