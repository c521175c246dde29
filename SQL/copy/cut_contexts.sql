-- Cuts what the entries of a table's versions say had been seen of a source that gives numbers again.
-- Takes: {versions}; $1 the source, $2 the snapshot that its stream begins anew with. Returns: nothing. Reads and writes: the versions.
UPDATE switchback.{versions} AS v
   SET context = v.context || jsonb_build_object(
           $1::text, switchback.common(ARRAY[(v.context ->> $1::text)::pg_snapshot, $2::pg_snapshot])::text)
 WHERE v.context ? $1::text
