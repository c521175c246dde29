-- Sends on what a lost node had written, as a change of this node's with the stamp that it has, of rows that are about to leave quarantine: they
-- were not sent on when it was lost.
-- Takes: {delta}, {turn} its turn; {sync}, {schema}, {table_name} as literals; {stage}, {settled}, {hidden}; {same_key} the condition that q has the key of s;
-- {keys} k1, k2, …; {elements} the key columns of s under these names, {arrays} arrays of them; {versions}, {version_joins} from s to v. Returns:
-- nothing. Reads: the stage, quarantine, lost, the versions. Writes: one of the two delta tables.
INSERT INTO switchback.{delta} (txid, at, op, rows, {keys})
SELECT pg_current_xact_id()::text::bigint, e.at, 'd', 1, {arrays}
  FROM (SELECT {elements}, coalesce((SELECT max(v.at) FROM switchback.{versions} AS v WHERE {version_joins}), q.stamp) AS at
          FROM {stage} AS s
          JOIN switchback.quarantine AS q
            ON q.sync = {sync} AND q.schema_name = {schema} AND q.table_name = {table_name} AND {same_key}
          JOIN switchback.lost AS l ON l.sync = q.sync AND l.node = q.origin
         WHERE s.{settled} IS DISTINCT FROM {hidden}) AS e
 WHERE (pg_current_xact_id()::text::bigint >> 13) & 1 = {turn}
