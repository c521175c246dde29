-- Tells of some rows what a node of several masters shows of them and which version that is, as far as it knows: by its own last change, or
-- by the entry of the row's versions where that is the later.
-- Takes: the texts of keys, {delta_key} over d and {version_key} over v; {key_text}, {row_text} over t; {table}; {changed} the query
-- for the keys that this node changed, with txid, at, number and op; {versions}; {node} this node as a literal.
-- Returns: a row for each digest: digest of the key, hash of the row or null, the key's text or null, origin, transaction and microseconds
-- of the version or null, whether what is there is what the version says: a row or none.
-- Reads: switchback_digest, the table, the delta tables, the versions. Writes: nothing.
WITH wanted AS MATERIALIZED (
    SELECT DISTINCT digest FROM pg_temp.switchback_digest
), own AS MATERIALIZED (
    SELECT DISTINCT ON (c.digest) c.digest, c.txid, c.at, c.op
      FROM (SELECT md5({delta_key}) AS digest, d.txid, d.at, d.number, d.op FROM ({changed}) AS d) AS c
      JOIN wanted USING (digest)
     ORDER BY c.digest, c.number DESC
), entry AS MATERIALIZED (
    SELECT DISTINCT ON (e.digest) e.digest, e.origin, e.txid, e.at, e.alive
      FROM (SELECT md5({version_key}) AS digest, v.origin, v.txid, v.at, v.alive, v.stored, v.as_of
              FROM switchback.{versions} AS v) AS e
      JOIN wanted USING (digest)
      LEFT JOIN own AS c USING (digest)
     WHERE c.txid IS NULL OR pg_visible_in_snapshot(c.txid::text::xid8, e.as_of)
     ORDER BY e.digest, e.alive AND e.stored IS NULL DESC, e.at DESC, e.origin COLLATE "C" DESC, e.txid DESC
), present AS MATERIALIZED (
    SELECT md5({key_text}) AS digest, hashtextextended({row_text}, 0) AS hash, left({key_text}, 200) AS key
      FROM {table} AS t
     WHERE md5({key_text}) IN (SELECT digest FROM wanted)
)
SELECT w.digest, p.hash, p.key, coalesce(e.origin, CASE WHEN c.txid IS NOT NULL THEN {node} END), coalesce(e.txid, c.txid),
       (extract(epoch FROM coalesce(e.at, c.at)) * 1000000)::bigint,
       CASE WHEN e.origin IS NOT NULL THEN e.alive = (p.hash IS NOT NULL)
            ELSE c.op IS NULL OR c.op = 'd' OR p.hash IS NOT NULL END
  FROM wanted AS w
  LEFT JOIN present AS p USING (digest)
  LEFT JOIN own AS c USING (digest)
  LEFT JOIN entry AS e USING (digest)
