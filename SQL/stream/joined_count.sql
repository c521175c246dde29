-- Counts the tables that have joined a stream, at the receiver.
-- Takes: $1 sync, $2 source. Returns: how many. Reads: table_state. Writes: nothing.
SELECT count(*) FROM switchback.table_state WHERE sync = $1 AND source = $2 AND state = 'joined'
