-- An item goes, with its authors, files, metadata and history: eleven tables refer to it.
-- Takes: $1 the item. Returns: nothing. Reads: nothing. Writes: item and all that cascades from it.
DELETE FROM item WHERE item_id = $1::bigint
