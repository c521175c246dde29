-- Puts the capture triggers on a partitioned or inherited table that is carried by full copy: statement triggers would
-- miss what is written under another table's name.
-- Takes: {table}, {mark_function}. Returns: nothing. Reads: nothing. Writes: the catalogue.
CREATE OR REPLACE TRIGGER switchback_capture_row AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION switchback.{mark_function}();
CREATE OR REPLACE TRIGGER switchback_capture_truncate AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION switchback.{mark_function}();
