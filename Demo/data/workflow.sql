-- What is being reviewed, what was, and who follows it.
-- Takes: nothing. Returns: nothing. Reads: item. Writes: workflow_task, workflow_event, subscription, canary.

INSERT INTO workflow_task (item_id, step, team_id, since)
SELECT item_id, 'review', 4, submitted_at FROM item WHERE stage = 'in review';

INSERT INTO workflow_event (item_id, at, stage, note)
SELECT item_id, submitted_at + day * interval '1 day', (enum_range(NULL::stage))[1 + day], CASE WHEN day = 2 THEN 'please add a readme' END
FROM item, generate_series(0, 3) AS day WHERE stage = 'published';

INSERT INTO subscription
SELECT md5('person ' || g)::uuid, 1 + g % 60 FROM generate_series(1, 8000, 2) AS g;

INSERT INTO canary VALUES (1, 0);
