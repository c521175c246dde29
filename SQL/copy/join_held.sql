-- Has the tables of a stream join that waited until its receiver had another source's rows: those that have joined another stream there, and those that no
-- other stream brings, once one has brought anything.
-- Takes: $1 sync, $2 source, $3 whether the receiver's own rows are those that the others are to have. Returns: nothing. Reads and writes: table_state.
UPDATE switchback.table_state AS s SET state = 'joined', joined_at = clock_timestamp()
 WHERE s.sync = $1 AND s.source = $2 AND s.state = 'copying'
   AND ($3::boolean
        OR EXISTS (SELECT FROM switchback.table_state AS o
                    WHERE o.sync = s.sync AND o.source <> s.source AND o.state = 'joined')
           AND NOT EXISTS (SELECT FROM switchback.table_state AS o
                            WHERE o.sync = s.sync AND o.source <> s.source AND o.schema_name = s.schema_name
                              AND o.table_name = s.table_name)
        OR EXISTS (SELECT FROM switchback.table_state AS o
                    WHERE o.sync = s.sync AND o.source <> s.source AND o.schema_name = s.schema_name
                      AND o.table_name = s.table_name AND o.state = 'joined'))
