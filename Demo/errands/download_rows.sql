-- Somebody fetches files of an item.
-- Takes: $1 the item. Returns: nothing. Reads: bitstream. Writes: download.
INSERT INTO download (bitstream_id, client, country)
SELECT bitstream_id, '198.51.100.7', 'NZ' FROM bitstream WHERE item_id = $1::bigint
