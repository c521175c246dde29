-- Lists Switchback's triggers.
-- Takes: nothing. Returns: the table's oid, the trigger's name, whether it fires. Reads: pg_trigger. Writes: nothing.
SELECT tgrelid, tgname, tgenabled IN ('O', 'A') FROM pg_trigger WHERE tgname LIKE 'switchback\_%' AND tgfoid IN (
    SELECT oid FROM pg_proc WHERE pronamespace = to_regnamespace('switchback'))
