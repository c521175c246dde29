-- A curator corrects what is said of an item.
-- Takes: $1 the item, $2 a random number. Returns: nothing. Reads and writes: metadata_value.
UPDATE metadata_value SET value = value || ' (corrected)', language = CASE WHEN $2::bigint % 2 = 0 THEN 'en' ELSE language END
WHERE item_id = $1::bigint AND length(value) < 200
