-- The files that were fetched count it.
-- Takes: $1 the item. Returns: nothing. Reads and writes: bitstream.
UPDATE bitstream SET downloads = downloads + 1 WHERE item_id = $1::bigint
