-- Reads how the tables of a stream joined it, at the receiver.
-- Takes: $1 sync, $2 source. Returns: schema, table, state, the snapshot it is once to be read from or null, the oid of the
-- table that was made read-only under that name or null.
-- Reads: table_state, replicated_table. Writes: nothing.
SELECT s.schema_name, s.table_name, s.state, s.since::text,
       (SELECT t.relation FROM switchback.replicated_table AS t
         WHERE t.schema_name = s.schema_name AND t.table_name = s.table_name LIMIT 1)
  FROM switchback.table_state AS s WHERE s.sync = $1 AND s.source = $2
