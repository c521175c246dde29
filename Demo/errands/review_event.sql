-- The review of an item is remembered, and its task is done.
-- Takes: $1 the item. Returns: nothing. Reads: item. Writes: workflow_task, workflow_event.
WITH done AS (DELETE FROM workflow_task WHERE item_id = $1::bigint RETURNING item_id)
INSERT INTO workflow_event (item_id, stage, note) SELECT item_id, 'published', 'approved' FROM done
