-- Notes that the conflicts of rows are held no more that were written here since: what a node writes supersedes all versions that it
-- had seen, and its stamps are never behind those of what it had seen. The others note it when the change comes to them; whoever wrote
-- it learns it from its own delta tables, and so before these are emptied.
-- Takes: $1 sync, $2 schema, $3 table; {changed} the query for what was changed here, as o; {same_key} the condition that c has its key. Returns:
-- nothing. Reads: the delta tables. Writes: conflict.
UPDATE switchback.conflict AS c SET held = false
  FROM ({changed}) AS o
 WHERE c.held AND c.sync = $1 AND c.schema_name = $2 AND c.table_name = $3
   AND {same_key} AND o.at > greatest(c.winner_at, c.loser_at)
