-- The collection of an item that is to go no longer counts it.
-- Takes: $1 the item. Returns: nothing. Reads: item, bitstream. Writes: collection.
UPDATE collection SET items = items - 1,
    bytes = bytes - (SELECT coalesce(sum(size_bytes), 0) FROM bitstream WHERE item_id = $1::bigint)
WHERE collection_id = (SELECT collection_id FROM item WHERE item_id = $1::bigint FOR UPDATE)
