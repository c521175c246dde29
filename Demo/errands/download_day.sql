-- The item counts its downloads of today.
-- Takes: $1 the item. Returns: nothing. Reads: item. Writes: download_day.
INSERT INTO download_day SELECT item_id, current_date, 1 FROM item WHERE item_id = $1::bigint
ON CONFLICT (item_id, day) DO UPDATE SET downloads = download_day.downloads + 1
