-- A submitted item waits for its review.
-- Takes: $1 the item. Returns: nothing. Reads: nothing. Writes: workflow_task, workflow_event.
WITH task AS (INSERT INTO workflow_task (item_id, step, team_id) VALUES ($1::bigint, 'review', 4))
INSERT INTO workflow_event (item_id, stage) VALUES ($1::bigint, 'submitted')
