-- Notes that the conflicts of rows of a batch are held no more: what was written supersedes all their versions.
-- Takes: {sync}, {schema}, {table_name} as literals; {stage}; {same_key} the condition that c has the key of s; {is_plain} the condition on
-- s. Returns: nothing. Reads: the stage. Writes: conflict.
UPDATE switchback.conflict AS c SET held = false
  FROM {stage} AS s
 WHERE c.held AND c.sync = {sync} AND c.schema_name = {schema} AND c.table_name = {table_name} AND {is_plain}
   AND {same_key}
