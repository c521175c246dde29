-- Tells of rows which version each of them is.
-- Takes: {rows} the query for them: place, the key as k1, k2, …, and row_values, an array of the columns as text; {stage}, {flag},
-- {origin}, {txid}, {micros}; {changed} the query for the last change of each of them that was made here; {same_key} between c and b,
-- {version_joins} from b to v, {context_joins} from b to x, {stage_joins} from b to s; {versions}; {more_of} what else an entry has, {more},
-- {more_joins} as in multimaster/versions_of; {node} this node as a literal. Returns: a row each: its place, origin, transaction, microseconds
-- (null where everybody has seen the row), whether it is this node's last change, the columns, its place in the stage or null, what its
-- writer had seen besides, the stamps of its columns or null. Reads: what {rows} reads, the stage, the delta tables, the versions. Writes:
-- nothing.
WITH b AS MATERIALIZED (
    {rows}
), own AS MATERIALIZED (
    {changed}
)
SELECT b.place, coalesce(s.{origin}, v.origin, CASE WHEN c.txid IS NOT NULL THEN {node} END),
       coalesce(s.{txid}, v.txid, c.txid),
       coalesce(s.{micros}, (extract(epoch FROM coalesce(v.at, c.at)) * 1000000)::bigint),
       s.{origin} IS NULL AND v.origin IS NULL AND c.txid IS NOT NULL, array_to_json(b.row_values), s.ctid,
       (SELECT x.context::text FROM switchback.{versions} AS x WHERE {context_joins} LIMIT 1), {more}
  FROM b
  LEFT JOIN own AS c ON {same_key}
  LEFT JOIN {stage} AS s ON {stage_joins} AND s.{flag}
  -- A row that was made from several versions is as new as the latest of them.
  LEFT JOIN LATERAL (
    SELECT v.origin, v.txid, v.at{more_of} FROM switchback.{versions} AS v
     WHERE {version_joins} AND (c.txid IS NULL OR pg_visible_in_snapshot(c.txid::text::xid8, v.as_of))
     ORDER BY v.alive AND v.stored IS NULL DESC, v.at DESC, v.origin COLLATE "C" DESC, v.txid DESC LIMIT 1) AS v ON true{more_joins}
