-- Captures the TRUNCATE of a partition: a delta for the rows it held, for the other partitions keep theirs. Where the whole
-- table is truncated, its own trigger has left a mark before, and there is nothing to add.
-- Takes: {function}, {rows_function}, {table_id}. Returns: a trigger function, for BEFORE TRUNCATE triggers of the
-- partitions that hold rows. Reads: mark, the partition. Writes: one of the two delta tables; rings the doorbell.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
AS $capture$
BEGIN
    IF NOT EXISTS (
        SELECT FROM switchback.mark AS m
         WHERE m.txid OPERATOR(pg_catalog.=) pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8
           AND m.table_id OPERATOR(pg_catalog.=) {table_id})
    THEN
        PERFORM switchback.{rows_function}(TG_RELID, 'd');
    END IF;
    RETURN NULL;
END $capture$;
REVOKE ALL ON FUNCTION switchback.{function}() FROM PUBLIC;
