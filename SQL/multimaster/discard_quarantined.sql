-- Takes a row out of quarantine that is to be discarded, if it is still there as somebody saw it: the streams show a row again by
-- themselves when they can, and keep a later version in the place of an earlier one.
-- Takes: $1 its id, $2 the node that wrote it, $3 its values. Returns: nothing. Reads: nothing. Writes: quarantine.
DELETE FROM switchback.quarantine WHERE id = $1::bigint AND origin = $2 AND row_values = $3::text[]
