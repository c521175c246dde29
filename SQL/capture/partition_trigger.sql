-- Puts the trigger that captures TRUNCATE on one partition.
-- Takes: {table} the partition, {function}. Returns: nothing. Reads: nothing. Writes: the catalogue.
CREATE OR REPLACE TRIGGER switchback_capture_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION switchback.{function}();
