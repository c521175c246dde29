-- The last change of each row that was changed here in a window, and the last of each column since the stored versions: what
-- is told of a column is the stamp of the change behind what it is chosen by, so that the greatest is the last. A part of
-- multimaster/versions_of and multimaster/own_versions. Nothing is joined, for the planner would have no good way to: it knows
-- nothing of the deltas.
-- Takes: {keys} k1, k2, …; {changed} the query for all changes that were made here, with txid, at, number and columns; {window} the
-- condition on txid; {versions}; {seen_joins} between c and x; {node} this node as a literal; {told} for each travelling column the
-- greatest of what is told of it; {own}, {op}, {is_own} leave out what was only handed on, or nothing. Returns: k1, k2, …, txid, at, told1, told2, …. Reads: the delta tables, the versions.
-- Writes: nothing.
SELECT {keys}, (array_agg(txid ORDER BY number DESC){own})[1] AS txid, (array_agg(at ORDER BY number DESC){own})[1] AS at, {told}
  FROM (SELECT {keys}, txid, at, number, columns{op}, {window} AS is_new,
               CASE WHEN {is_own}NOT EXISTS (SELECT FROM switchback.{versions} AS x
                                      WHERE {seen_joins} AND pg_visible_in_snapshot(c.txid::text::xid8, x.as_of))
                    THEN '1' || lpad(number::text, 20, '0') || E'\x02' || (extract(epoch FROM at) * 1000000)::bigint || '@' || {node} || ':' || txid
               END AS told
          FROM ({changed}) AS c) AS delta
 GROUP BY {keys}
HAVING bool_or(is_new)
