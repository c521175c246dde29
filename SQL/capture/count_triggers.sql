-- Puts the triggers on a table that keep the sums of its counters.
-- Takes: {table}, {function}. Returns: nothing. Reads: nothing. Writes: the catalogue.
CREATE OR REPLACE TRIGGER switchback_capture_count_insert AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION switchback.{function}();
CREATE OR REPLACE TRIGGER switchback_capture_count_update AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION switchback.{function}();
CREATE OR REPLACE TRIGGER switchback_capture_count_delete AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION switchback.{function}();
CREATE OR REPLACE TRIGGER switchback_capture_count_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION switchback.{function}();
