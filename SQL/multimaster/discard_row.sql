-- Discards a row that is in quarantine: writes its deletion as a new change, which travels and supersedes the row everywhere. It
-- goes where all that this transaction changes goes.
-- Takes: {delta}, {turn} its turn, {keys} k1, k2, …; {parameters} arrays of the key's values. Returns: nothing. Reads: nothing.
-- Writes: one of the two delta tables.
INSERT INTO switchback.{delta} (txid, at, op, rows, {keys})
SELECT pg_current_xact_id()::text::bigint, switchback.moment(), 'd', 1, {parameters}
 WHERE (pg_current_xact_id()::text::bigint >> 13) & 1 = {turn}
