-- Reads the versions of every row of one table that changed in a window: for a row whose last change was made here, that one;
-- for one that a batch has settled since, or that is handed on, all that it holds.
-- Takes: {changed} the query for the last change of each row; {versions}; {version_joins} from d
-- to v; {context_joins} from d to x; {table}; {joins} from d to t; {node} this node as a literal; {alive} whether t's row is there; {columns} the key's from
-- d, others from the stored version or t; {more} what else a version of this rule tells, and {more_joins} what that is read from; {which} a condition on d and v, or nothing. Returns: a row a version: whether the row is there in it, origin, txid,
-- microseconds, what else the versions had seen, what else there is, the columns. Reads: the delta tables, the versions, the table. Writes: nothing.
WITH changed AS MATERIALIZED (
    {changed}
)
SELECT CASE WHEN v.origin IS NULL THEN {alive} ELSE v.alive END, coalesce(v.origin, {node}), coalesce(v.txid, d.txid),
       (extract(epoch FROM coalesce(v.at, d.at)) * 1000000)::bigint,
       (SELECT x.context::text FROM switchback.{versions} AS x WHERE {context_joins} LIMIT 1){more}, {columns}
  FROM changed AS d
  LEFT JOIN switchback.{versions} AS v
    ON {version_joins} AND (d.txid IS NULL OR pg_visible_in_snapshot(d.txid::text::xid8, v.as_of))
  LEFT JOIN {table} AS t ON {joins}{more_joins}{which}
