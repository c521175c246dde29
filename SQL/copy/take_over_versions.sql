-- Takes over what a source knows of versions. What the receiver changed itself so far was seen by whoever had them.
-- Takes: {versions}, {keys} k1, k2, …, {known} the stage, {more} further columns. Returns: nothing. Reads: the stage. Writes: the versions.
INSERT INTO switchback.{versions} ({keys}, origin, txid, at, alive, stored, context, as_of{more})
SELECT {keys}, origin, txid, at, alive, stored, context, pg_current_snapshot(){more} FROM {known}
