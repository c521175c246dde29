-- Reads the rows of one table that a source keeps in quarantine, but for those under whose key something was written there after their versions
-- were told.
-- Takes: {sync}, {schema}, {table_name} as literals; {changed} the query for what was changed there, as o; {same_key} the condition that q has its
-- key; {versions}, {version_joins} from o to v. Returns: columns, key's values, the row's, origin, transaction, stamp, SQLSTATE, constraint, reason.
-- Reads: quarantine, the delta tables, the versions. Writes: nothing.
SELECT q.columns, q.key_values, q.row_values, q.origin, q.txid, q.stamp, q.sqlstate, q.constraint_name, q.reason
  FROM switchback.quarantine AS q
 WHERE q.sync = {sync} AND q.schema_name = {schema} AND q.table_name = {table_name}
   AND NOT EXISTS (SELECT FROM ({changed}) AS o
                    WHERE {same_key}
                      AND NOT EXISTS (SELECT FROM switchback.{versions} AS v
                                       WHERE {version_joins} AND pg_visible_in_snapshot(o.txid::text::xid8, v.as_of)))
