-- Everybody may read a published item; curators may change it.
-- Takes: $1 the item. Returns: nothing. Reads: item. Writes: access_policy.
MERGE INTO access_policy AS policy
USING (SELECT item_id, action, team FROM item, (VALUES ('read', 1), ('write', 3)) AS wanted (action, team)
       WHERE item_id = $1::bigint) AS wanted
ON policy.item_id = wanted.item_id AND policy.action = wanted.action
WHEN MATCHED THEN UPDATE SET team_id = wanted.team
WHEN NOT MATCHED THEN INSERT (item_id, action, team_id) VALUES (wanted.item_id, wanted.action, wanted.team)
