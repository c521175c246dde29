-- A published item gets its identifier.
-- Takes: $1 the item. Returns: nothing. Reads: item. Writes: doi.
INSERT INTO doi SELECT '10.5555/demo.' || item_id, item_id FROM item WHERE item_id = $1::bigint ON CONFLICT DO NOTHING
