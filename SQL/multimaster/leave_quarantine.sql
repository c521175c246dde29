-- Takes one row out of quarantine.
-- Takes: $1 its id. Returns: nothing. Reads: nothing. Writes: quarantine.
DELETE FROM switchback.quarantine WHERE id = $1::bigint
