-- Finds the rows of a table that refer to a row that is not there, among those that a batch brought and those that refer to a row that is no
-- more, with the version that each of them is.
-- Takes: {target} as c; {row_keys} the key of c as k1, k2, …; {keys} k1, k2, …; {values} the columns of c as text; {stage}, {flag}, {origin}, {txid},
-- {micros}; {staged_joins} from s to c; {given}, {match} of a foreign key, {parent} the table it leads to, {left}; {changed} the query for all changed keys, with
-- txid, at and number; {same_key} between c and b, {version_joins} from b to v, {stage_joins} from b to s; {versions}; {node} this node as a literal.
-- Returns: as multimaster/find_blockers. Reads: the tables, the stage, the delta tables, the versions. Writes: nothing.
WITH b AS MATERIALIZED (
    SELECT c.ctid AS place, {row_keys}, ARRAY[{values}] AS row_values
      FROM {target} AS c
     WHERE c.ctid IN (SELECT c.ctid FROM {target} AS c JOIN {stage} AS s ON {staged_joins} WHERE s.{flag}
                       UNION SELECT c.ctid FROM {target} AS c JOIN {left} AS p ON {match})
       AND {given} AND NOT EXISTS (SELECT FROM {parent} AS p WHERE {match})
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
