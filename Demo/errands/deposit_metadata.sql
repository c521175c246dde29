-- What the submitter says of an item.
-- Takes: $1 the item. Returns: nothing. Reads: metadata_field. Writes: metadata_value.
INSERT INTO metadata_value (item_id, field_id, language, value)
SELECT $1::bigint, field_id, 'en', 'Given for ' || element FROM metadata_field WHERE qualifier IS NULL
