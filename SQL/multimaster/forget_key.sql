-- Forgets the versions of one row.
-- Takes: {versions}, {condition} on v, of the parameters. Returns: nothing. Reads: nothing. Writes: the versions.
DELETE FROM switchback.{versions} AS v WHERE {condition}
