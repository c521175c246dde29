-- Reads the versions that this node holds of the rows that are to be settled, each value in its type's text form.
-- Takes: {staged_keys} the key columns of s as k1, k2, …; {stage}; {is_chosen} the condition on s; {changed} the query for the last
-- change of each of them that was made here; {key_columns} the key's of s; {same_key} between s and c; {versions}; {version_joins} from s to v; {context_joins} from s to x; {target}; {joins} from s to
-- t; {node} this node as a literal; {alive} whether t's row is there; {columns} as text; {more}, {more_joins} as in multimaster/versions_of. Returns: a row a version: whether the row
-- is there in it, origin, txid, microseconds, what else had been seen, what else there is, the columns, and the place of the first
-- staged version of the same key. Of a row of which only what
-- everybody has seen is held: null for the origin. Reads: the stage, the delta tables, the versions, the table. Writes: nothing.
WITH s AS MATERIALIZED (
    SELECT min(s.ctid) AS place, {staged_keys} FROM {stage} AS s WHERE {is_chosen} GROUP BY {key_columns}
), own AS MATERIALIZED (
    {changed}
)
SELECT CASE WHEN v.origin IS NULL THEN {alive} ELSE v.alive END,
       CASE WHEN v.origin IS NOT NULL THEN v.origin WHEN c.txid IS NOT NULL THEN {node} END,
       coalesce(v.txid, c.txid), (extract(epoch FROM coalesce(v.at, c.at)) * 1000000)::bigint,
       (SELECT x.context::text FROM switchback.{versions} AS x WHERE {context_joins} LIMIT 1){more}, {columns}, s.place
  FROM s
  LEFT JOIN own AS c ON {same_key}
  LEFT JOIN switchback.{versions} AS v
    ON {version_joins} AND (c.txid IS NULL OR pg_visible_in_snapshot(c.txid::text::xid8, v.as_of))
  LEFT JOIN {target} AS t ON {joins}{more_joins}
