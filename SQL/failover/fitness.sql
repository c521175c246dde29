-- Tells what keeps a server from taking writes, whatever its fence says.
-- Takes: nothing. Returns: one row: whether it is a standby of another server, whether it refuses writes by default, whether
-- the journal is installed. Reads: pg_settings, the catalogue. Writes: nothing.
SELECT pg_is_in_recovery(), coalesce((SELECT reset_val = 'on' FROM pg_settings WHERE name = 'default_transaction_read_only'), false),
       to_regclass('switchback.journal') IS NOT NULL
