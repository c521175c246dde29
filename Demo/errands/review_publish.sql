-- An item is published.
-- Takes: $1 the item. Returns: nothing. Reads and writes: item.
UPDATE item SET stage = 'published', changed_at = now() WHERE item_id = $1::bigint
