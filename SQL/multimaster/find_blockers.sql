-- Finds the rows of a table that keep a staged row out, with the version that each of them is.
-- Takes: {target}; {row_keys} the key of t as k1, k2, …; {keys} k1, k2, …; {values} the columns of t as text; {looks_at} what the constraint looks at, as x1, x2, …; {where}
-- which rows it looks at; {stage}, {flag}, {origin}, {txid}, {micros}; {staged} the columns of s; {clash} the condition under which a and b
-- clash; {changed} the query for all changed keys, with txid, at and number; {same_key} between c and b, {version_joins} from b to v, {stage_joins} from b to s; {versions}; {node}
-- this node as a literal; $1 the staged row's place. Returns: a row each: its place, origin, transaction, microseconds (null where everybody has seen the row), whether it is
-- this node's last change, the columns, its place in the stage or null. Reads: the table, the stage, the delta tables, the versions. Writes: nothing.
WITH b AS MATERIALIZED (
    SELECT a.place, {keys}, a.row_values
      FROM (SELECT t.ctid AS place, {row_keys}, ARRAY[{values}] AS row_values, x.*
              FROM {target} AS t CROSS JOIN LATERAL (SELECT {looks_at} FROM (SELECT t.*) AS r{where}) AS x) AS a
      JOIN (SELECT x.* FROM {stage} AS s
             CROSS JOIN LATERAL (SELECT {looks_at} FROM (SELECT {staged}) AS r{where}) AS x WHERE s.ctid = $1::tid) AS b
        ON {clash}
), own AS MATERIALIZED (
    SELECT DISTINCT ON ({keys}) {keys}, txid, at
      FROM (SELECT c.* FROM ({changed}) AS c JOIN b ON {same_key}) AS delta
     ORDER BY {keys}, number DESC
)
SELECT b.place, coalesce(s.{origin}, v.origin, CASE WHEN c.txid IS NOT NULL THEN {node} END),
       coalesce(s.{txid}, v.txid, c.txid),
       coalesce(s.{micros}, (extract(epoch FROM coalesce(v.at, c.at)) * 1000000)::bigint),
       s.{origin} IS NULL AND v.origin IS NULL AND c.txid IS NOT NULL, array_to_json(b.row_values), s.ctid
  FROM b
  LEFT JOIN own AS c ON {same_key}
  LEFT JOIN {stage} AS s ON {stage_joins} AND s.{flag}
  -- A row that was made from several versions is as new as the latest of them.
  LEFT JOIN LATERAL (
    SELECT v.origin, v.txid, v.at FROM switchback.{versions} AS v
     WHERE {version_joins} AND (c.txid IS NULL OR pg_visible_in_snapshot(c.txid::text::xid8, v.as_of))
     ORDER BY v.alive AND v.stored IS NULL DESC, v.at DESC, v.origin COLLATE "C" DESC, v.txid DESC LIMIT 1) AS v ON true
