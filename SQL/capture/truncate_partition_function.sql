-- Captures the TRUNCATE of a partition: a delta for the rows it held, for the other partitions keep theirs. Where the whole
-- table is truncated, its own trigger has left a mark before, and there is nothing to add. A transaction that keeps to a snapshot of an
-- earlier moment does not see all rows that it removes: there the table is to be carried whole.
-- Takes: {function}, {rows_function}, {table_id}. Returns: a trigger function, for BEFORE TRUNCATE triggers of the
-- partitions that hold rows. Reads: mark, the partition. Writes: one of the two delta tables, or mark; rings the doorbell.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
AS $capture$
BEGIN
    IF NOT EXISTS (
        SELECT FROM switchback.mark AS m
         WHERE m.txid OPERATOR(pg_catalog.=) pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8
           AND m.table_id OPERATOR(pg_catalog.=) {table_id})
    THEN
        IF pg_catalog.current_setting('transaction_isolation') OPERATOR(pg_catalog.=) ANY (ARRAY['repeatable read', 'serializable']) THEN
            INSERT INTO switchback.mark (txid, at, table_id, kind)
            VALUES (pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8, pg_catalog.clock_timestamp(), {table_id}, 'whole');
            PERFORM switchback.ring();
        ELSE
            PERFORM switchback.{rows_function}(TG_RELID, 'd');
        END IF;
    END IF;
    RETURN NULL;
END $capture$;
REVOKE ALL ON FUNCTION switchback.{function}() FROM PUBLIC;
