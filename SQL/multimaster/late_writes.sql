-- Finds what was written here under keys of which a batch had found no row, and left none, and which it had not seen. A part of multimaster/count_late and
-- multimaster/send_late.
-- Takes: {changed} the query for what was changed here; {keys} d.k1, d.k2, …; {versions}; {version_joins} from d to v, {shown_joins} from d to x; {more} further
-- columns. Returns: the keys, and when the last change was made. Reads: the delta tables, the versions. Writes: nothing.
SELECT DISTINCT ON ({keys}) {keys}, d.at{more} FROM ({changed}) AS d
 WHERE EXISTS (SELECT FROM switchback.{versions} AS v
                WHERE {version_joins} AND NOT pg_visible_in_snapshot(d.txid::text::xid8, v.as_of))
   AND NOT EXISTS (SELECT FROM switchback.{versions} AS x WHERE {shown_joins} AND x.alive AND x.stored IS NULL)
 ORDER BY {keys}, d.number DESC
