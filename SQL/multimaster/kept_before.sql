-- Tells for which reasons the staged rows are in quarantine, and to what they have lost by the history.
-- Takes: {sync}, {schema}, {table_name} as literals; {stage}; {same_key} the condition that q has the key of s. Returns: a row's place in the
-- stage, SQLSTATE, constraint, and rule, origin and transaction of the winner, or nulls. Reads: the stage, quarantine, conflict. Writes: nothing.
SELECT s.ctid, q.sqlstate, q.constraint_name, c.rule, c.winner_origin, c.winner_txid
  FROM {stage} AS s
  JOIN switchback.quarantine AS q
    ON q.sync = {sync} AND q.schema_name = {schema} AND q.table_name = {table_name} AND {same_key}
  LEFT JOIN switchback.conflict AS c
    ON c.sync = q.sync AND c.schema_name = q.schema_name AND c.table_name = q.table_name
   AND switchback.key_digest(c.key_values) = switchback.key_digest(q.key_values) AND c.loser_origin = q.origin AND c.loser_txid = q.txid
