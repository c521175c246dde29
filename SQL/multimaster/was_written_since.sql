-- Tells whether a row of some key was written here after its versions were told: whoever wrote it had seen them all.
-- Takes: {changed} the query for what was changed here, as o; {condition} on o, of the parameters; {versions}; {version_joins} from o to v.
-- Returns: one row, a boolean. Reads: the delta tables, the versions. Writes: nothing.
SELECT EXISTS (
    SELECT FROM ({changed}) AS o
     WHERE {condition}
       AND NOT EXISTS (SELECT FROM switchback.{versions} AS v
                        WHERE {version_joins} AND pg_visible_in_snapshot(o.txid::text::xid8, v.as_of)))
