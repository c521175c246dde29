-- Forgets the versions of a source that it does not know any more: what it writes under their numbers is something else.
-- Takes: {versions}; $1 the source, $2 the snapshot that its stream begins anew with. Returns: nothing. Reads and writes: the versions.
DELETE FROM switchback.{versions} AS v
 WHERE v.origin = $1 AND NOT pg_visible_in_snapshot(v.txid::text::xid8, $2::pg_snapshot)
