-- Lists the migrations that have run.
-- Takes: nothing. Returns: version, name. Reads: migration. Writes: nothing.
SELECT version, name FROM switchback.migration ORDER BY version
