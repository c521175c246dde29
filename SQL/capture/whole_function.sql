-- Marks a table that is carried by full copy as changed; once in a transaction, and only by a statement that touched a row.
-- Takes: {function}, {table_id}. Returns: a trigger function, for AFTER STATEMENT triggers whose transition table is called
-- changed. Reads and writes: mark; rings the doorbell.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
AS $capture$
#variable_conflict use_variable
DECLARE
    transaction_number pg_catalog.int8;
BEGIN
    IF NOT EXISTS (SELECT FROM changed) THEN
        RETURN NULL;
    END IF;
    transaction_number := pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8;
    INSERT INTO switchback.mark (txid, at, table_id, kind)
    SELECT transaction_number, pg_catalog.clock_timestamp(), {table_id}, 'whole'
     WHERE NOT EXISTS (
        SELECT FROM switchback.mark AS m
         WHERE m.txid OPERATOR(pg_catalog.=) transaction_number AND m.table_id OPERATOR(pg_catalog.=) {table_id});
    PERFORM switchback.ring();
    RETURN NULL;
END $capture$;
REVOKE ALL ON FUNCTION switchback.{function}() FROM PUBLIC;
