-- Lets rows out of quarantine under whose key something was written here after their versions were told, while the delta tables still tell of it. Whoever
-- calls this keeps batches from being written meanwhile.
-- Takes: $1 sync, $2 schema, $3 table; {changed} the query for what was changed here, as o; {same_key} the condition that q has its key;
-- {versions}; {version_joins} from o to v. Returns: nothing. Reads: the delta tables, the versions. Writes: quarantine.
DELETE FROM switchback.quarantine AS q
 USING ({changed}) AS o
 WHERE q.sync = $1 AND q.schema_name = $2 AND q.table_name = $3 AND {same_key}
   AND NOT EXISTS (SELECT FROM switchback.{versions} AS v
                    WHERE {version_joins} AND pg_visible_in_snapshot(o.txid::text::xid8, v.as_of))
