-- Writes a record to this node's log that means nothing to anybody: to commit it synchronously brings all that stands before it to
-- the disk.
-- Takes: nothing. Returns: its position. Reads: nothing. Writes: the log.
SELECT pg_logical_emit_message(true, 'switchback', '')
