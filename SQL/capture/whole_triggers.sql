-- Puts the capture triggers on a table that is carried by full copy.
-- Takes: {table}, {mark_function}. Returns: nothing. Reads: nothing. Writes: the catalogue.
CREATE OR REPLACE TRIGGER switchback_capture_whole AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION switchback.{mark_function}();
