-- Puts the capture triggers on a table that is carried by full copy.
-- Takes: {table}, {function}, {mark_function}. Returns: nothing. Reads: nothing. Writes: the catalogue.
CREATE OR REPLACE TRIGGER switchback_capture_insert AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION switchback.{function}();
CREATE OR REPLACE TRIGGER switchback_capture_update AFTER UPDATE ON {table}
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION switchback.{function}();
CREATE OR REPLACE TRIGGER switchback_capture_delete AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION switchback.{function}();
CREATE OR REPLACE TRIGGER switchback_capture_truncate AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION switchback.{mark_function}();
