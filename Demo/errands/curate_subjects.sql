-- A curator gives an item another subject.
-- Takes: $1 the item, $2 a random number. Returns: nothing. Reads and writes: item.
UPDATE item SET subjects = ARRAY['subject ' || $2::bigint % 97] || subjects[1:3], changed_at = now() WHERE item_id = $1::bigint
