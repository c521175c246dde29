-- Puts the capture triggers on an ordinary table.
-- Takes: {table}, {function}, {update_function} that of UPDATE, {update_tables} the transition tables that it reads, {key_function}, {mark_function}, {key_changed} (a condition on OLD and NEW), {truncate_time}
-- BEFORE where the rows that are to go are captured, else AFTER.
-- Returns: nothing. Reads: nothing. Writes: the catalogue.
CREATE OR REPLACE TRIGGER switchback_capture_insert AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION switchback.{function}();
CREATE OR REPLACE TRIGGER switchback_capture_update AFTER UPDATE ON {table}
    REFERENCING {update_tables} FOR EACH STATEMENT EXECUTE FUNCTION switchback.{update_function}();
CREATE OR REPLACE TRIGGER switchback_capture_delete AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION switchback.{function}();
CREATE OR REPLACE TRIGGER switchback_capture_key AFTER UPDATE ON {table}
    FOR EACH ROW WHEN ({key_changed}) EXECUTE FUNCTION switchback.{key_function}();
CREATE OR REPLACE TRIGGER switchback_capture_truncate {truncate_time} TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION switchback.{mark_function}();
