-- Puts the capture triggers on a partitioned or inherited table. That of TRUNCATE comes before, so that those of the
-- partitions find its mark.
-- Takes: {table}, {function}, {mark_function}. Returns: nothing. Reads: nothing. Writes: the catalogue.
CREATE OR REPLACE TRIGGER switchback_capture_row AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION switchback.{function}();
CREATE OR REPLACE TRIGGER switchback_capture_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION switchback.{mark_function}();
