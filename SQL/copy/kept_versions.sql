-- Reads what a source knows of the versions of a table's rows, but for those that it changed itself since.
-- Takes: {keys} the key of v; {more} further columns; {versions}; {changed} the query for what was changed there, as o, {version_joins} from o to v.
-- Returns: k1, k2, …, origin, transaction, stamp, whether the row is there, what is stored, what else had been seen, and those.
-- Reads: the versions, the delta tables. Writes: nothing.
SELECT {keys}, v.origin, v.txid, v.at, v.alive, v.stored, v.context{more}
  FROM switchback.{versions} AS v
 WHERE NOT EXISTS (SELECT FROM ({changed}) AS o
                    WHERE {version_joins} AND NOT pg_visible_in_snapshot(o.txid::text::xid8, v.as_of))
